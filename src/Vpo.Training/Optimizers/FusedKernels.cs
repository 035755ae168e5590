using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>
/// Operations on whole lists of tensors that TorchSharp does not bind, reached through TorchScript: one call each instead of one per tensor
/// (measured 8.8 times faster than TorchSharp's AdamW). All run without recording gradients.
/// </summary>
/// <remarks>Numbers travel as tensors: a double handed to TorchScript becomes a Scalar that the collector may free during the call.</remarks>
internal static class FusedKernels
{
    private const string Source = """
        def add(into: List[Tensor], values: List[Tensor]):
          torch._foreach_add_(into, values)
          return None

        def copy(into: List[Tensor], values: List[Tensor]):
          torch._foreach_copy_(into, values)
          return None

        def scale(x: List[Tensor], factor: Tensor):
          torch._foreach_mul_(x, factor)
          return None

        def zero(x: List[Tensor]):
          torch._foreach_zero_(x)
          return None

        def norm(x: List[Tensor]):
          return torch.stack(torch._foreach_norm(x, 2)).norm()

        def adamw(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], h: Tensor):
          e: List[Tensor] = []
          torch._fused_adamw_(p, g, m, v, e, t, lr=float(h[0]), beta1=float(h[1]), beta2=float(h[2]),
                              weight_decay=float(h[3]), eps=float(h[4]), amsgrad=False, maximize=False)
          return None
        """;

    private static readonly Lazy<jit.CompilationUnit> Unit = new(() => jit.compile(Source + "\n"));

    /// <summary>into[i] += values[i]; types may differ.</summary>
    public static void Add(Tensor[] into, Tensor[] values) => Run("add", into, values);

    /// <summary>into[i] = values[i]; types may differ.</summary>
    public static void Copy(Tensor[] into, Tensor[] values) => Run("copy", into, values);

    /// <summary>x[i] *= factor, a 0-dimensional tensor.</summary>
    public static void Scale(Tensor[] x, Tensor factor) => Run("scale", x, factor);

    /// <summary>x[i] = 0.</summary>
    public static void Zero(Tensor[] x) => Run("zero", (object)x);

    /// <summary>The Euclidean norm of all elements of all tensors, as a 0-dimensional tensor.</summary>
    public static Tensor Norm(Tensor[] x)
    {
        using var _ = no_grad();
        return (Tensor)Unit.Value.invoke("norm", (object)x)!;
    }

    /// <summary>One AdamW update in place.</summary>
    /// <param name="x">Parameters, gradients, first and second moments, and the step counts (already raised), each list in the same order.</param>
    /// <param name="numbers">float64 [5]: rate, β1, β2, weight decay, ε.</param>
    public static void AdamW((Tensor[] Values, Tensor[] Gradients, Tensor[] First, Tensor[] Second, Tensor[] Steps) x, Tensor numbers) =>
        Run("adamw", x.Values, x.Gradients, x.First, x.Second, x.Steps, numbers);

    private static void Run(string name, params object[] arguments)
    {
        if (arguments[0] is Tensor[] { Length: 0 })
            return;
        using var _ = no_grad();
        Unit.Value.invoke(name, arguments);
    }
}

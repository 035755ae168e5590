using TorchSharp.Modules;
using Vpo.Models.Tensors;
using Vpo.Training.Kernels;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

/// <summary>Gradients of matrices, added to the parameters' own, in their type.</summary>
internal static class Products
{
    // Threads that compute parts of one batch add to the same gradients.
    private static readonly Lock Adding = new();

    // Numbers of a product that is made before it is added: a head's whole gradient beside the sum would cost as much memory again.
    private const long MostAtOnce = 4 << 20;

    /// <summary>Adds gradientᵀ · input to matrices that lie under each other in one product.</summary>
    /// <param name="matrices">Each [n, inputs].</param>
    /// <param name="gradient">[T, sum of n].</param>
    /// <param name="input">[T, inputs].</param>
    public static void AddGradient(Parameter[] matrices, Tensor gradient, Tensor input)
    {
        if (!matrices.Any(m => m.requires_grad))
            return;
        if (matrices is [var only] && only.numel() > MostAtOnce)
        {
            AddInParts(only, gradient, input);
            return;
        }
        using var scope = NewDisposeScope();
        var product = gradient.t().mm(input);
        var at = 0L;
        foreach (var matrix in matrices)
        {
            AddGradient(matrix, product.narrow(0, at, matrix.shape[0]));
            at += matrix.shape[0];
        }
    }

    /// <summary>Adds gradientᵀ · input to some rows of a matrix.</summary>
    /// <param name="matrix">[outputs, inputs].</param>
    /// <param name="first">The first of the rows.</param>
    /// <param name="gradient">[T, rows].</param>
    /// <param name="input">[T, inputs].</param>
    public static void AddGradient(Parameter matrix, long first, Tensor gradient, Tensor input)
    {
        if (!matrix.requires_grad)
            return;
        using var scope = NewDisposeScope();
        var product = gradient.t().mm(input);
        lock (Adding)
            Casts.Accumulate(GradientOf(matrix).narrow(0, first, product.shape[0]), product);
    }

    /// <summary>Adds a gradient.</summary>
    public static void AddGradient(Parameter parameter, Tensor gradient)
    {
        if (!parameter.requires_grad)
            return;
        lock (Adding)
        {
            using var sum = GradientOf(parameter);
            Casts.Accumulate(sum, gradient);
        }
    }

    private static void AddInParts(Parameter matrix, Tensor gradient, Tensor input)
    {
        var rows = Math.Max(1, MostAtOnce / input.shape[1]);
        for (var first = 0L; first < matrix.shape[0]; first += rows)
        {
            using var part = gradient.narrow(1, first, Math.Min(rows, matrix.shape[0] - first));
            AddGradient(matrix, first, part, input);
        }
    }

    /// <summary>Adds gradients of rows to a table's.</summary>
    /// <param name="table">[V, H].</param>
    /// <param name="ids">int64 [T]: the rows.</param>
    /// <param name="gradient">[T, H].</param>
    public static void AddRows(Parameter table, Tensor ids, Tensor gradient)
    {
        lock (Adding)
        {
            using var scope = NewDisposeScope();
            GradientOf(table).index_add_(0, ids, gradient.to(table.dtype), Scalars.One);
        }
    }

    /// <summary>The parameter's gradient, made of zeros where there is none yet.</summary>
    public static Tensor GradientOf(Parameter parameter)
    {
        if (parameter.grad is { } existing)
            return existing;
        parameter.grad = zeros_like(parameter).DetachFromDisposeScope();
        return parameter.grad!;
    }
}

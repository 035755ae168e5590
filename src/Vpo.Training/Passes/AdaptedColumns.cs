using Vpo.Models.Lora;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Training.Passes;

/// <summary>
/// What an adapter does to one layer's columns of a joint product: y ← y + s · (x Aᵀ) Bᵀ, and with DoRA (arXiv 2402.09353) each column times
/// m / ‖W + s · B A‖, a length that counts as a constant. The wide matrix B A is never made for a product, nor is its gradient.
/// </summary>
/// <param name="layer">The layer.</param>
/// <param name="factors">Its factors.</param>
/// <param name="first">Its first column in the joint product.</param>
internal sealed class AdaptedColumns(Linear layer, LoraFactors factors, long first) : IDisposable
{
    private readonly float _scale = (float)factors.Scale;
    private Tensor? _lengths;   // float32 [outputs]

    /// <summary>Whether it is DoRA's.</summary>
    public bool Stretches => factors.Magnitude is not null;

    // ‖W + s · B A‖ of each row.
    private Tensor Lengths => _lengths ??= factors.RowLengths(layer.Base).DetachFromDisposeScope();

    /// <summary>Changes the layer's columns of y = x Wᵀ.</summary>
    public void AddTo(Tensor y, Tensor x)
    {
        using var scope = NewDisposeScope();
        var own = Columns(y);
        own.addmm_(x.mm(A(x).t()), B(x).t(), 1, _scale);
        Stretch(y);
    }

    /// <summary>Multiplies the layer's columns by DoRA's stretch; nothing without one.</summary>
    public void Stretch(Tensor columns)
    {
        if (factors.Magnitude is not { } magnitude)
            return;
        using var scope = NewDisposeScope();
        Columns(columns).mul_(magnitude.detach().div(Lengths).to(columns.dtype));
    }

    /// <summary>Adds the gradient for x that comes through the factors.</summary>
    /// <param name="into">[T, inputs].</param>
    /// <param name="straight">[T, sum of outputs]: gradient before the stretch.</param>
    public void AddBackward(Tensor into, Tensor straight)
    {
        using var scope = NewDisposeScope();
        into.addmm_(Columns(straight).mm(B(straight)), A(straight), 1, _scale);
    }

    /// <summary>Adds to the gradients of A, B and the magnitude.</summary>
    /// <param name="gradient">[T, sum of outputs].</param>
    /// <param name="straight">The same before the stretch.</param>
    /// <param name="x">[T, inputs].</param>
    public void AddGradients(Tensor gradient, Tensor straight, Tensor x)
    {
        using var scope = NewDisposeScope();
        var own = Columns(straight);
        var narrow = x.mm(A(x).t());
        Products.AddGradient([factors.B.Weight], own, narrow.Times(_scale));
        Products.AddGradient([factors.A.Weight], own.mm(B(x)).Times(_scale), x);
        if (factors.Magnitude is not { } magnitude)
            return;
        var unstretched = x.mm(layer.Base.detach().to(x.dtype).t()).addmm_(narrow, B(x).t(), 1, _scale);
        Products.AddGradient(magnitude, Columns(gradient).to(ScalarType.Float32).mul(unstretched).sum([0L]).div(Lengths));
    }

    public void Dispose() => _lengths?.Dispose();

    private Tensor A(Tensor like) => factors.A.Weight.detach().to(like.dtype);

    private Tensor B(Tensor like) => factors.B.Weight.detach().to(like.dtype);

    private Tensor Columns(Tensor joint) => joint.narrow(1, first, layer.Base.shape[0]);
}

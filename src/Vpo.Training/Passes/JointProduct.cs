using TorchSharp.Modules;
using Vpo.Training.Kernels;
using static TorchSharp.torch;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Training.Passes;

/// <summary>
/// Linear layers over one input as one product, forward and backward written out: y = x [W₁; W₂; …]ᵀ, and what an adapter adds to each of
/// them. Matrices that require no gradient (under an adapter: all of the model's own) cost no product for one.
/// </summary>
/// <remarks>Whether an adapter is on is seen once, at construction.</remarks>
internal sealed class JointProduct : IDisposable
{
    private readonly Parameter[] _matrices;
    private readonly List<AdaptedColumns> _adapted = [];

    /// <param name="layers">Linear layers without bias.</param>
    public JointProduct(params ReadOnlySpan<Linear> layers)
    {
        _matrices = new Parameter[layers.Length];
        var at = 0L;
        for (var i = 0; i < layers.Length; i++)
        {
            _matrices[i] = layers[i].Weight;
            if (layers[i].Factors is { IsOn: true } factors)
                _adapted.Add(new(layers[i], factors, at));
            at += _matrices[i].shape[0];
        }
    }

    /// <param name="x">[T, inputs].</param>
    /// <returns>[T, sum of outputs].</returns>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = x.mm(Casts.Joined(x.dtype, _matrices).t());
        foreach (var adapted in _adapted)
            adapted.AddTo(y, x);
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>The gradient for x. Needs no x, so that x may be made later.</summary>
    /// <param name="gradient">[T, sum of outputs]: for the result.</param>
    /// <returns>[T, inputs].</returns>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var straight = Straightened(gradient);
        var result = straight.mm(Casts.Joined(gradient.dtype, _matrices));
        foreach (var adapted in _adapted)
            adapted.AddBackward(result, straight);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Adds to the gradients of matrices and factors.</summary>
    /// <param name="gradient">As in <see cref="Backward"/>.</param>
    /// <param name="x">What <see cref="Forward"/> got.</param>
    public void AddGradients(Tensor gradient, Tensor x)
    {
        using var scope = NewDisposeScope();
        var straight = Straightened(gradient);
        Products.AddGradient(_matrices, straight, x);
        foreach (var adapted in _adapted)
            adapted.AddGradients(gradient, straight, x);
    }

    public void Dispose() => _adapted.ForEach(adapted => adapted.Dispose());

    /// <summary>The gradient before DoRA's stretch; the same tensor where no layer has one.</summary>
    private Tensor Straightened(Tensor gradient)
    {
        if (!_adapted.Exists(a => a.Stretches))
            return gradient;
        var straight = gradient.clone();
        foreach (var adapted in _adapted)
            adapted.Stretch(straight);
        return straight;
    }
}

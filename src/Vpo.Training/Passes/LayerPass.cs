using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using Vpo.Training.Kernels;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

/// <summary>
/// One decoder layer over a packed batch, forward and backward written out: queries, keys and values in one product, gate and up in one
/// product, element-wise work in one pass over memory each. Kept for the gradient are the inputs of the two norms, heads, weights, gate and up.
/// </summary>
internal sealed class LayerPass(LlamaLayer layer, LlamaConfig config, PackedInputs inputs) : IDisposable
{
    private readonly HeadLayout _heads = new((int)config.KeyValueHeads, (int)(config.Heads / config.KeyValueHeads), (int)config.HeadDim);
    private readonly JointProduct _joint = new(layer.Attention.Query, layer.Attention.Key, layer.Attention.Value), _output = new(layer.Attention.Output);
    private readonly JointProduct _gated = new(layer.Mlp.Gate, layer.Mlp.Up), _down = new(layer.Mlp.Down);
    private readonly List<Tensor> _weights = [];
    private Kept? _kept;

    private SegmentAttention Attention => new(inputs.Segments, _heads);

    /// <param name="x">[T, H].</param>
    /// <param name="keep">Whether <see cref="Backward"/> will follow.</param>
    /// <returns>[T, H].</returns>
    public Tensor Forward(Tensor x, bool keep)
    {
        using var scope = NewDisposeScope();
        var normed = RmsNormKernel.Forward(x, layer.InputNorm.Weight, layer.InputNorm.Epsilon);
        var (q, k, v) = RotaryKernel.Split(_joint.Forward(normed), inputs.Angles, _heads);
        var mixed = Attention.Forward(q, k, v, keep ? _weights : null);
        var attended = x.Plus(_output.Forward(mixed));
        var both = _gated.Forward(RmsNormKernel.Forward(attended, layer.AttendedNorm.Weight, layer.AttendedNorm.Epsilon));
        var result = attended.Plus(_down.Forward(GatedUnitKernel.Forward(both)));
        if (keep)
            _kept = new Kept(x.alias(), q, k, v, mixed, attended, both).Detach();
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Adds to the parameters' gradients and frees what was kept.</summary>
    /// <param name="gradient">[T, H]: for the result.</param>
    /// <returns>[T, H]: for x.</returns>
    public Tensor Backward(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var kept = _kept!;
        var middle = BackThroughUnit(gradient, kept);
        var result = BackThroughAttention(middle, kept);
        Forget();
        return result.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Forget();
        foreach (var product in (JointProduct[])[_joint, _output, _gated, _down])
            product.Dispose();
    }

    private void Forget()
    {
        _weights.ForEach(w => w.Dispose());
        _weights.Clear();
        _kept?.Dispose();
        _kept = null;
    }

    private Tensor BackThroughUnit(Tensor gradient, Kept kept)
    {
        using var scope = NewDisposeScope();
        var norm = layer.AttendedNorm;
        var unit = _down.Backward(gradient);
        GatedUnitKernel.Backward(kept.Both, unit);   // unit is now the gated unit itself
        _down.AddGradients(gradient, unit);
        _gated.AddGradients(kept.Both, RmsNormKernel.Forward(kept.Attended, norm.Weight, norm.Epsilon));
        var (x, weight) = RmsNormKernel.Backward(_gated.Backward(kept.Both), kept.Attended, norm.Weight, norm.Epsilon, gradient);
        Products.AddGradient(norm.Weight, weight);
        return x.MoveToOuterDisposeScope();
    }

    private Tensor BackThroughAttention(Tensor gradient, Kept kept)
    {
        using var scope = NewDisposeScope();
        var norm = layer.InputNorm;
        _output.AddGradients(gradient, kept.Mixed);
        var heads = Attention.Backward(_output.Backward(gradient), kept.Q, kept.K, kept.V, _weights);
        var joint = RotaryKernel.Join(heads, inputs.Angles, _heads, gradient.dtype);
        _joint.AddGradients(joint, RmsNormKernel.Forward(kept.X, norm.Weight, norm.Epsilon));
        var (x, weight) = RmsNormKernel.Backward(_joint.Backward(joint), kept.X, norm.Weight, norm.Epsilon, gradient);
        Products.AddGradient(norm.Weight, weight);
        return x.MoveToOuterDisposeScope();
    }

    private sealed record Kept(Tensor X, Tensor Q, Tensor K, Tensor V, Tensor Mixed, Tensor Attended, Tensor Both)
    {
        private Tensor[] All => [X, Q, K, V, Mixed, Attended, Both];

        public Kept Detach()
        {
            Array.ForEach(All, tensor => tensor.DetachFromDisposeScope());
            return this;
        }

        public void Dispose() => Array.ForEach(All, tensor => tensor.Dispose());
    }
}

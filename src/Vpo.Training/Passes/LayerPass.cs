using TorchSharp.Modules;
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
    private readonly List<Tensor> _weights = [];
    private Kept? _kept;

    private Parameter[] Joint => [layer.Attention.Query.Weight, layer.Attention.Key.Weight, layer.Attention.Value.Weight];

    private Parameter[] Gated => [layer.Mlp.Gate.Weight, layer.Mlp.Up.Weight];

    private SegmentAttention Attention => new(inputs.Segments, _heads);

    /// <param name="x">[T, H].</param>
    /// <param name="keep">Whether <see cref="Backward"/> will follow.</param>
    /// <returns>[T, H].</returns>
    public Tensor Forward(Tensor x, bool keep)
    {
        using var scope = NewDisposeScope();
        var type = x.dtype;
        var normed = RmsNormKernel.Forward(x, layer.InputNorm.Weight, layer.InputNorm.Epsilon);
        var (q, k, v) = RotaryKernel.Split(normed.mm(Casts.Joined(type, Joint).t()), inputs.Angles, _heads);
        var mixed = Attention.Forward(q, k, v, keep ? _weights : null);
        var attended = x.Plus(mixed.mm(Casts.Joined(type, layer.Attention.Output.Weight).t()));
        var both = RmsNormKernel.Forward(attended, layer.AttendedNorm.Weight, layer.AttendedNorm.Epsilon).mm(Casts.Joined(type, Gated).t());
        var result = attended.Plus(GatedUnitKernel.Forward(both).mm(Casts.Joined(type, layer.Mlp.Down.Weight).t()));
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
        Dispose();
        return result.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _weights.ForEach(w => w.Dispose());
        _weights.Clear();
        _kept?.Dispose();
        _kept = null;
    }

    private Tensor BackThroughUnit(Tensor gradient, Kept kept)
    {
        using var scope = NewDisposeScope();
        var type = gradient.dtype;
        var (norm, down) = (layer.AttendedNorm, layer.Mlp.Down.Weight);
        var unit = gradient.mm(Casts.Joined(type, down));
        GatedUnitKernel.Backward(kept.Both, unit);   // unit is now the gated unit itself
        Products.AddGradient([down], gradient, unit);
        Products.AddGradient(Gated, kept.Both, RmsNormKernel.Forward(kept.Attended, norm.Weight, norm.Epsilon));
        var normed = kept.Both.mm(Casts.Joined(type, Gated));
        var (x, weight) = RmsNormKernel.Backward(normed, kept.Attended, norm.Weight, norm.Epsilon, gradient);
        Products.AddGradient(norm.Weight, weight);
        return x.MoveToOuterDisposeScope();
    }

    private Tensor BackThroughAttention(Tensor gradient, Kept kept)
    {
        using var scope = NewDisposeScope();
        var type = gradient.dtype;
        var (norm, output) = (layer.InputNorm, layer.Attention.Output.Weight);
        Products.AddGradient([output], gradient, kept.Mixed);
        var mixed = gradient.mm(Casts.Joined(type, output));
        var heads = Attention.Backward(mixed, kept.Q, kept.K, kept.V, _weights);
        var joint = RotaryKernel.Join(heads, inputs.Angles, _heads, type);
        Products.AddGradient(Joint, joint, RmsNormKernel.Forward(kept.X, norm.Weight, norm.Epsilon));
        var (x, weight) = RmsNormKernel.Backward(joint.mm(Casts.Joined(type, Joint)), kept.X, norm.Weight, norm.Epsilon, gradient);
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

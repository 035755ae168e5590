using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Full attention over text and video together, with normed queries and keys.</summary>
internal sealed class JointAttention : nn.Module
{
    private const double HeadNormEpsilon = 1e-6;
    private const long LongestMaterialised = 512;   // on the CPU the fused kernel is slower below, its backward in bfloat16 by ten times

    private readonly Linear to_q, to_k, to_v;
    private readonly LayerNorm norm_q, norm_k;
    private readonly TorchSharp.Modules.ModuleList<Linear> to_out;
    private readonly long _heads, _headDim;

    public JointAttention(TransformerConfig config, Weights weights) : base(nameof(JointAttention))
    {
        (_heads, _headDim) = (config.Heads, config.HeadDim);
        Linear Projection(string name) => new(weights.At(name), config.Width, config.Width, config.AttentionBias);
        norm_q = new(weights.At("norm_q"), _headDim, HeadNormEpsilon);
        norm_k = new(weights.At("norm_k"), _headDim, HeadNormEpsilon);
        (to_q, to_k, to_v) = (Projection("to_q"), Projection("to_k"), Projection("to_v"));
        to_out = new(new Linear(weights.At("to_out.0"), config.Width, config.Width));
        RegisterComponents();
    }

    /// <param name="joint">[B, text + video, width].</param>
    /// <param name="textLength">Tokens in front that rotary positions leave alone.</param>
    /// <param name="rotary">Null where positions were added to the tokens.</param>
    public Tensor forward(Tensor joint, long textLength, RotaryPositions? rotary)
    {
        using var scope = NewDisposeScope();
        Tensor Heads(Tensor x) => x.view(joint.shape[0], joint.shape[1], _heads, _headDim).transpose(1, 2);
        var (q, k, v) = (Heads(to_q.forward(joint)), Heads(to_k.forward(joint)), Heads(to_v.forward(joint)));
        (q, k) = (norm_q.forward(q), norm_k.forward(k));
        if (rotary is not null)
            (q, k) = (rotary.Turn(q, textLength), rotary.Turn(k, textLength));
        var mixed = joint.shape[1] <= LongestMaterialised && joint.device.type == TorchSharp.DeviceType.CPU
            ? q.Times(1 / Math.Sqrt(_headDim)).matmul(k.transpose(-2, -1)).softmax(-1).matmul(v)
            : nn.functional.scaled_dot_product_attention(q, k, v);
        return to_out[0].forward(mixed.transpose(1, 2).reshape(joint.shape)).MoveToOuterDisposeScope();
    }
}

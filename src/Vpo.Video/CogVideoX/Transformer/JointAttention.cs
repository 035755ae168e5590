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
        // Normed before heads and tokens change places, where the rows still lie one after another.
        Tensor Heads(Tensor x) => x.view(joint.shape[0], joint.shape[1], _heads, _headDim);
        var (q, k, v) = (norm_q.forward(Heads(to_q.forward(joint))).transpose(1, 2), norm_k.forward(Heads(to_k.forward(joint))).transpose(1, 2), Heads(to_v.forward(joint)).transpose(1, 2));
        if (rotary is not null)
            (q, k) = (rotary.Turn(q, textLength), rotary.Turn(k, textLength));
        return to_out[0].forward(Mix(q, k, v).view(joint.shape)).MoveToOuterDisposeScope();
    }

    /// <summary>[B, tokens, heads · head size].</summary>
    private Tensor Mix(Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        var isShort = q.shape[2] <= LongestMaterialised && q.device.type == TorchSharp.DeviceType.CPU;
        if (!isShort && TiledAttention.Fits(q))
            return TiledAttention.Apply(q.Times(1 / Math.Sqrt(_headDim)).contiguous(), k.contiguous(), v.contiguous()).MoveToOuterDisposeScope();
        var mixed = isShort
            ? q.Times(1 / Math.Sqrt(_headDim)).matmul(k.transpose(-2, -1)).softmax(-1).matmul(v)
            : nn.functional.scaled_dot_product_attention(q, k, v);
        return mixed.transpose(1, 2).flatten(2).contiguous().MoveToOuterDisposeScope();
    }
}

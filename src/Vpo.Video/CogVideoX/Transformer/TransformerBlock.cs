using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Attention, then a feed-forward network, over text and video together; each adds to both streams through its own gates.</summary>
internal sealed class TransformerBlock : nn.Module
{
    private readonly ModulatedLayerNorm norm1, norm2;
    private readonly JointAttention attn1;
    private readonly FeedForward ff;

    public TransformerBlock(TransformerConfig config, Weights weights) : base(nameof(TransformerBlock))
    {
        norm1 = new(config, weights.At("norm1"));
        attn1 = new(config, weights.At("attn1"));
        norm2 = new(config, weights.At("norm2"));
        ff = new(config, weights.At("ff"));
        RegisterComponents();
    }

    public (Tensor Text, Tensor Video) forward(Tensor text, Tensor video, Tensor condition, RotaryPositions? rotary)
    {
        using var scope = NewDisposeScope();
        var length = text.shape[1];
        var first = norm1.forward(text, video, condition);
        (text, video) = Add(text, video, first, attn1.forward(first.Joint, length, rotary));
        var second = norm2.forward(text, video, condition);
        (text, video) = Add(text, video, second, ff.forward(second.Joint));
        return (text.MoveToOuterDisposeScope(), video.MoveToOuterDisposeScope());
    }

    private static (Tensor Text, Tensor Video) Add(Tensor text, Tensor video, Modulated gates, Tensor change)
    {
        var parts = change.split([text.shape[1], video.shape[1]], 1);
        return (text.addcmul(gates.TextGate, parts[0], Scalars.One), video.addcmul(gates.VideoGate, parts[1], Scalars.One));
    }
}

/// <summary>Linear to four times the width, GELU (tanh form), linear back. The list has the gaps of the checkpoint's names.</summary>
internal sealed class FeedForward : nn.Module
{
    private const int Expansion = 4;
    private readonly TorchSharp.Modules.ModuleList<nn.Module<Tensor, Tensor>> net;

    public FeedForward(TransformerConfig config, Weights weights) : base(nameof(FeedForward))
    {
        var inner = new GeluProjection(config.Width, Expansion * config.Width, weights.At("net.0"));
        net = new(inner, nn.Identity(), new Linear(weights.At("net.2"), Expansion * config.Width, config.Width));
        RegisterComponents();
    }

    public Tensor forward(Tensor x)
    {
        using var inner = net[0].forward(x);
        return net[2].forward(inner);
    }
}

internal sealed class GeluProjection : nn.Module<Tensor, Tensor>
{
    private readonly Linear proj;

    public GeluProjection(long inputs, long outputs, Weights weights) : base(nameof(GeluProjection))
    {
        proj = new(weights.At("proj"), inputs, outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var inner = proj.forward(x);
        if (FusedGelu.Fits(inner))
            return FusedGelu.Apply(inner);
        return nn.functional.gelu(inner, TorchSharp.Modules.GELU.Approximate.tanh);
    }
}

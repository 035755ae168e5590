using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Text and video with gates for what a sub-layer adds to each.</summary>
internal readonly record struct Modulated(Tensor Joint, Tensor TextGate, Tensor VideoGate);

/// <summary>Expert adaptive layer norm (CogVideoX, arXiv 2408.06072, section 2.2): one norm, but text and video are shifted, scaled and gated apart.</summary>
internal sealed class ModulatedLayerNorm : nn.Module
{
    private const int Parts = 6;
    private readonly Linear linear;
    private readonly LayerNorm norm;

    public ModulatedLayerNorm(TransformerConfig config, Weights weights) : base(nameof(ModulatedLayerNorm))
    {
        linear = new(weights.At("linear"), config.TimeWidth, Parts * config.Width);
        norm = new(weights.At("norm"), config.Width, config.NormEpsilon);
        RegisterComponents();
    }

    /// <param name="text">[B, T, width].</param>
    /// <param name="video">[B, N, width].</param>
    /// <param name="condition">silu of the time embedding, [B, TimeWidth].</param>
    public Modulated forward(Tensor text, Tensor video, Tensor condition)
    {
        using var scope = NewDisposeScope();
        var parts = linear.forward(condition).unsqueeze(1).chunk(Parts, 2);
        var (shift, scale, gate, textShift, textScale, textGate) = (parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
        var joint = cat([Modulate(norm.forward(text), textShift, textScale), Modulate(norm.forward(video), shift, scale)], 1);
        return new(joint.MoveToOuterDisposeScope(), textGate.MoveToOuterDisposeScope(), gate.MoveToOuterDisposeScope());
    }

    internal static Tensor Modulate(Tensor normed, Tensor shift, Tensor scale) => shift.addcmul(normed, scale.Plus(1), Scalars.One);
}

/// <summary>The last norm: shifted and scaled by the time embedding.</summary>
internal sealed class FinalLayerNorm : nn.Module
{
    private readonly Linear linear;
    private readonly LayerNorm norm;

    public FinalLayerNorm(TransformerConfig config, Weights weights) : base(nameof(FinalLayerNorm))
    {
        linear = new(weights.At("linear"), config.TimeWidth, 2 * config.Width);
        norm = new(weights.At("norm"), config.Width, config.NormEpsilon);
        RegisterComponents();
    }

    public Tensor forward(Tensor video, Tensor condition)
    {
        using var scope = NewDisposeScope();
        var parts = linear.forward(condition).unsqueeze(1).chunk(2, 2);
        return ModulatedLayerNorm.Modulate(norm.forward(video), parts[0], parts[1]).MoveToOuterDisposeScope();
    }
}

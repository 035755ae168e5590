using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using static TorchSharp.torch;
using LayerNorm = Vpo.Models.Layers.LayerNorm;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Rewards.VisionReward.Model;

/// <summary>From the tower's width to the language model's: h = gelu(norm(linear x)), then down(silu(gate h) · up h).</summary>
internal sealed class Adapter : nn.Module<Tensor, Tensor>
{
    // The published modelling file leaves LayerNorm's own default.
    private const double Epsilon = 1e-5;

    private readonly Linear linear_proj, gate_proj, dense_h_to_4h, dense_4h_to_h;
    private readonly LayerNorm norm1;

    public Adapter(VisionRewardConfig config, Weights weights) : base(nameof(Adapter))
    {
        linear_proj = new(weights.At("linear_proj"), config.Vision.Width, config.Width, hasBias: false);
        norm1 = new(weights.At("norm1"), config.Width, Epsilon);
        gate_proj = new(weights.At("gate_proj"), config.Width, config.Intermediate, hasBias: false);
        dense_h_to_4h = new(weights.At("dense_h_to_4h"), config.Width, config.Intermediate, hasBias: false);
        dense_4h_to_h = new(weights.At("dense_4h_to_h"), config.Intermediate, config.Width, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = nn.functional.gelu(norm1.forward(linear_proj.forward(x)));
        return dense_4h_to_h.forward(nn.functional.silu(gate_proj.forward(h)).mul(dense_h_to_4h.forward(h))).MoveToOuterDisposeScope();
    }
}

/// <summary>Frames to tokens: the tower, 2x2 patches folded into one, the adapter, and a begin and an end for each frame.</summary>
internal sealed class VideoEncoder : nn.Module<Tensor, Tensor>
{
    private readonly EvaPatches patch_embedding;
    private readonly EvaTransformer transformer;
    private readonly Blocks conv;
    private readonly Adapter linear_proj;
    private readonly Parameter boi, eoi;
    private readonly EvaConfig _config;

    public VideoEncoder(VisionRewardConfig config, Weights weights) : base(nameof(VideoEncoder))
    {
        _config = config.Vision;
        patch_embedding = new(_config, weights.At("patch_embedding"));
        transformer = new(_config, weights.At("transformer"));
        conv = new(weights.At("conv"), _config.Width, _config.Width, 2);
        linear_proj = new(config, weights.At("linear_proj"));
        boi = weights.Take("boi", Initialization.Normal(), 1, 1, config.Width);
        eoi = weights.Take("eoi", Initialization.Normal(), 1, 1, config.Width);
        RegisterComponents();
    }

    /// <param name="pixels">[frames, 3, size, size].</param>
    /// <returns>[frames, tokens a frame, width].</returns>
    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var (frames, side) = (pixels.shape[0], _config.Side);
        var patches = transformer.forward(patch_embedding.forward(pixels.to(boi.dtype))).narrow(1, 1, side * side);
        var folded = conv.forward(patches.transpose(1, 2).reshape(frames, -1, side, side)).flatten(2).transpose(1, 2);
        return cat([boi.expand(frames, -1, -1), linear_proj.forward(folded), eoi.expand(frames, -1, -1)], 1).MoveToOuterDisposeScope();
    }

    /// <summary>The tower after one layer, for comparing.</summary>
    internal Tensor AfterFirstLayer(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return transformer.First.forward(patch_embedding.forward(pixels.to(boi.dtype))).MoveToOuterDisposeScope();
    }
}

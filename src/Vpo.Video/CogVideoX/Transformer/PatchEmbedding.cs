using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Video.CogVideoX;

/// <summary>Cuts latents into patches and projects patches and text to tokens: text first, then frame, row, column.</summary>
internal sealed class PatchEmbedding : nn.Module
{
    private readonly PatchProjection proj;
    private readonly Linear text_proj;
    private readonly Parameter? pos_embedding;
    private readonly TransformerConfig _config;

    public PatchEmbedding(TransformerConfig config, Weights weights) : base(nameof(PatchEmbedding))
    {
        _config = config;
        proj = new(config, weights.At("proj"));
        text_proj = new(weights.At("text_proj"), config.TextWidth, config.Width);
        if (config.LearnedPositions)
            pos_embedding = weights.Take("pos_embedding", Initialization.Normal(), 1, config.MaxTextLength + SampleTokens, config.Width);
        RegisterComponents();
    }

    private long SampleTokens => _config.SampleLatentFrames * (_config.SampleHeight / _config.Patch) * (_config.SampleWidth / _config.Patch);

    /// <returns>[B, text + video, width].</returns>
    public Tensor forward(Tensor latents, Tensor text, Grid grid)
    {
        using var scope = NewDisposeScope();
        var words = text_proj.forward(text);
        var video = proj.forward(latents, grid);
        if (pos_embedding is not null && grid.Frames == _config.SampleLatentFrames)
            return cat([words, video], 1).Plus(pos_embedding.to(video.dtype)).MoveToOuterDisposeScope();
        if (!_config.Rotary || pos_embedding is not null)   // the reference falls back to this table when only the number of frames differs
            video = video.Plus(SincosPositions.Create(_config, grid, video.dtype, video.device));
        return cat([words, video], 1).MoveToOuterDisposeScope();
    }
}

/// <summary>A linear map of each patch. The 1.0 models write it as a 2-D convolution, the 1.5 models as a matrix over (channel, frame, row, column).</summary>
internal sealed class PatchProjection : nn.Module
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly long _width;

    public PatchProjection(TransformerConfig config, Weights weights) : base(nameof(PatchProjection))
    {
        var inputs = config.InChannels * config.Patch * config.Patch * (config.FramePatch ?? 1);
        long[] shape = config.FramePatch is null ? [config.Width, config.InChannels, config.Patch, config.Patch] : [config.Width, inputs];
        weight = weights.Take("weight", Initialization.FanIn(inputs), shape);
        bias = config.PatchBias || config.FramePatch is not null ? weights.Take("bias", Initialization.Zeros, config.Width) : null;
        _width = config.Width;
        RegisterComponents();
    }

    /// <summary>A convolution whose stride is its size is a matrix product over patches, which is what both forms become here.</summary>
    public Tensor forward(Tensor latents, Grid grid)
    {
        using var scope = NewDisposeScope();
        var patches = grid.Split(latents);
        return nn.functional.linear(patches, weight.reshape(_width, -1).to(patches.dtype), bias?.to(patches.dtype)).MoveToOuterDisposeScope();
    }
}

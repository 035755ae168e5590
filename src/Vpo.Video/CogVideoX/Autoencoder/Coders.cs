using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Video to the mean and log-variance of latents.</summary>
internal sealed class Encoder : nn.Module
{
    private const int MiddleBlocks = 2;
    private readonly CausalConvolution conv_in, conv_out;
    private readonly TorchSharp.Modules.ModuleList<Level> down_blocks;
    private readonly Level mid_block;
    private readonly GroupNorm norm_out;

    public Encoder(Weights weights, AutoencoderConfig config) : base(nameof(Encoder))
    {
        var (widths, last) = (config.Widths, config.Widths[^1]);
        conv_in = new(weights.At("conv_in"), config.Channels, widths[0]);
        down_blocks = new([.. Enumerable.Range(0, widths.Count).Select(i => new Level(weights.At($"down_blocks.{i}"), config, new(
            widths[Math.Max(i - 1, 0)], widths[i], config.LayersPerBlock, Steered: false, i < widths.Count - 1 ? Resize.Down : Resize.None, i < config.TimeLevels)))]);
        mid_block = new(weights.At("mid_block"), config, new(last, last, MiddleBlocks, Steered: false, Resize.None, false));
        norm_out = new(weights.At("norm_out"), config, last);
        conv_out = new(weights.At("conv_out"), last, 2 * config.LatentChannels);
        RegisterComponents();
    }

    public Tensor forward(Tensor video, ChunkMemory? memory, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var x = conv_in.forward(video, memory);
        foreach (var level in down_blocks.Append(mid_block))
            x = level.Replace(x, null, memory, cancellationToken);
        return conv_out.forward(norm_out.Activated(x, null), memory).MoveToOuterDisposeScope();
    }
}

/// <summary>Latents to video.</summary>
internal sealed class Decoder : nn.Module
{
    private const int MiddleBlocks = 2;
    private readonly CausalConvolution conv_in, conv_out;
    private readonly Level mid_block;
    private readonly TorchSharp.Modules.ModuleList<Level> up_blocks;
    private readonly SpatialNorm norm_out;

    public Decoder(Weights weights, AutoencoderConfig config) : base(nameof(Decoder))
    {
        var widths = config.Widths.Reverse().ToList();
        conv_in = new(weights.At("conv_in"), config.LatentChannels, widths[0]);
        mid_block = new(weights.At("mid_block"), config, new(widths[0], widths[0], MiddleBlocks, Steered: true, Resize.None, false));
        up_blocks = new([.. Enumerable.Range(0, widths.Count).Select(i => new Level(weights.At($"up_blocks.{i}"), config, new(
            widths[Math.Max(i - 1, 0)], widths[i], config.LayersPerBlock + 1, Steered: true, i < widths.Count - 1 ? Resize.Up : Resize.None, i < config.TimeLevels)))]);
        norm_out = new(weights.At("norm_out"), config, widths[^1]);
        conv_out = new(weights.At("conv_out"), widths[^1], config.Channels);
        RegisterComponents();
    }

    public Tensor forward(Tensor latents, ChunkMemory? memory, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var x = conv_in.forward(latents, memory);
        foreach (var level in up_blocks.Prepend(mid_block))
            x = level.Replace(x, latents, memory, cancellationToken);
        return conv_out.forward(norm_out.Activated(x, latents), memory).MoveToOuterDisposeScope();
    }
}

using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>How latents [B, F, C, h, w] divide into tokens.</summary>
/// <param name="Frames">Tokens in time.</param>
/// <param name="Rows">Tokens down.</param>
/// <param name="Columns">Tokens across.</param>
/// <param name="Patch">Latent pixels a token covers, down and across.</param>
/// <param name="FramePatch">Latent frames a token covers.</param>
internal readonly record struct Grid(long Frames, long Rows, long Columns, long Patch, long FramePatch)
{
    /// <summary>Tokens in all.</summary>
    public long Tokens => Frames * Rows * Columns;

    /// <exception cref="ArgumentException">The latents do not have the model's channels, or do not divide into patches.</exception>
    public static Grid Of(Tensor latents, TransformerConfig config)
    {
        long[] shape = latents.shape;
        if (shape.Length != 5 || shape[2] != config.InChannels)
            throw new ArgumentException($"latents must be [batch, frames, {config.InChannels}, height, width], they are [{string.Join(", ", shape)}].", nameof(latents));
        var (patch, framePatch) = (config.Patch, config.FramePatch ?? 1);
        if (shape[1] % framePatch != 0 || shape[3] % patch != 0 || shape[4] % patch != 0)
            throw new ArgumentException($"latents of {shape[1]} frames, {shape[3]} x {shape[4]}, do not divide into patches of {framePatch} frames, {patch} x {patch}.", nameof(latents));
        if (config.LearnedPositions && (shape[3], shape[4]) != (config.SampleHeight, config.SampleWidth))
            throw new ArgumentException($"this model has learned positions for latents of {config.SampleHeight} x {config.SampleWidth} only, found {shape[3]} x {shape[4]}.", nameof(latents));
        return new(shape[1] / framePatch, shape[3] / patch, shape[4] / patch, patch, framePatch);
    }

    /// <summary>[B, F, C, h, w] to [B, tokens, features]; features are channel, frame, row, column within the patch.</summary>
    public Tensor Split(Tensor latents)
    {
        using var scope = NewDisposeScope();
        var (batch, channels) = (latents.shape[0], latents.shape[2]);
        return latents.reshape([batch, Frames, FramePatch, channels, Rows, Patch, Columns, Patch])
            .permute(0, 1, 4, 6, 3, 2, 5, 7).reshape(batch, Tokens, -1).MoveToOuterDisposeScope();
    }

    /// <summary>The inverse of <see cref="Split"/>.</summary>
    public Tensor Join(Tensor tokens, long channels)
    {
        using var scope = NewDisposeScope();
        return tokens.reshape([tokens.shape[0], Frames, Rows, Columns, channels, FramePatch, Patch, Patch])
            .permute(0, 1, 5, 4, 2, 6, 3, 7).reshape(tokens.shape[0], Frames * FramePatch, channels, Rows * Patch, Columns * Patch).MoveToOuterDisposeScope();
    }
}

namespace Vpo.Video.CogVideoX;

/// <summary>Floating-point operations (a multiplication and an addition are two) and bytes that parts of a run need.</summary>
internal static class Work
{
    private const int LatentChunk = 2;

    /// <summary>One pass of the transformer over one video: products of weights, and of tokens with tokens.</summary>
    public static double Transformer(TransformerConfig config, long tokens) =>
        config.Layers * (24.0 * config.Width * config.Width * tokens + 4.0 * tokens * tokens * config.Width);

    /// <summary>One prompt.</summary>
    public static double Text(T5Config config, long tokens) =>
        config.Layers * (tokens * 2.0 * (4.0 * config.Width * config.Heads * config.HeadDim + 3.0 * config.Width * config.FeedForwardWidth) + 4.0 * tokens * tokens * config.Heads * config.HeadDim);

    /// <summary>Decoding: the convolutions.</summary>
    public static double Decode(AutoencoderConfig config, long frames, long height, long width)
    {
        var widths = config.Widths.Reverse().ToList();
        var (sum, size) = (0.0, (Frames: (double)frames, Pixels: (double)height * width));
        double Convolution(long inputs, long outputs, int kernel) => 2.0 * inputs * outputs * kernel * size.Frames * size.Pixels;
        sum += Convolution(config.LatentChannels, widths[0], 27) + 4 * Convolution(widths[0], widths[0], 27);
        for (var i = 0; i < widths.Count; i++)
        {
            var inputs = widths[Math.Max(i - 1, 0)];
            sum += Convolution(inputs, widths[i], 27) + (2 * config.LayersPerBlock + 1) * Convolution(widths[i], widths[i], 27) + (inputs == widths[i] ? 0 : Convolution(inputs, widths[i], 1));
            if (i == widths.Count - 1)
                continue;
            size.Pixels *= 4;
            sum += Convolution(widths[i], widths[i], 9);
            if (i < config.TimeLevels)
                size.Frames = frames % 2 == 0 ? 2 * size.Frames : 2 * size.Frames - 1;   // a first odd frame is not doubled
        }
        return sum + Convolution(widths[^1], config.Channels, 27);
    }

    /// <summary>What the text encoder holds at once beside its weights: eight tensors of [tokens, feed-forward width], counted in the code.</summary>
    public static long TextBytes(T5Config config, long tokens, int prompts, int bytes) => 8 * prompts * tokens * config.FeedForwardWidth * bytes;

    /// <summary>What the transformer holds at once beside its weights: about eighteen tensors of [tokens, width], counted in the code and not measured.</summary>
    public static long TransformerBytes(TransformerConfig config, long tokens, int videos, int bytes) => 18 * videos * tokens * config.Width * bytes;

    /// <summary>What decoding holds at once: about six of its largest tensors, whatever the number of frames; counted, not measured.</summary>
    public static long DecodeBytes(AutoencoderConfig config, long height, long width, int bytes)
    {
        var pixels = height * width * config.PixelsPerLatent * config.PixelsPerLatent;
        return 6 * (LatentChunk + 1L) * config.FramesPerLatent * pixels * config.Widths[0] * bytes;
    }
}

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

    // Tensors held at once, of the largest shape of each part: what a run of CogVideoX-2B's shapes took in anonymous memory (docs/experiments.md), the C library's hoard included.
    private const int TextTensors = 10, TransformerTensors = 48, DecoderTensors = 8;

    /// <summary>Anonymous memory of the text encoder beside its weights.</summary>
    public static long TextBytes(T5Config config, long tokens, int prompts, int bytes) => TextTensors * prompts * tokens * config.FeedForwardWidth * bytes;

    /// <summary>The same of the transformer. Measured at 1,216 tokens; for long videos an upper bound.</summary>
    public static long TransformerBytes(TransformerConfig config, long tokens, int videos, int bytes) => TransformerTensors * videos * tokens * config.Width * bytes;

    /// <summary>The same of the decoder, whatever the number of frames: it works on three latent frames at most.</summary>
    public static long DecodeBytes(AutoencoderConfig config, long height, long width, int bytes)
    {
        var pixels = height * width * config.PixelsPerLatent * config.PixelsPerLatent;
        return DecoderTensors * (LatentChunk + 1L) * config.FramesPerLatent * pixels * config.Widths[0] * bytes;
    }
}

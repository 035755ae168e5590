namespace Vpo.Video.CogVideoX;

/// <summary>Size of a video, and what it is among latents.</summary>
/// <param name="Frames">Video frames.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="Width">Pixels across.</param>
public readonly record struct VideoShape(int Frames, int Height, int Width)
{
    /// <summary>The size a model was trained for.</summary>
    public static VideoShape Default(TransformerConfig transformer, AutoencoderConfig autoencoder)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(autoencoder);
        var pixels = autoencoder.PixelsPerLatent;
        return new((int)transformer.SampleFrames, (int)transformer.SampleHeight * pixels, (int)transformer.SampleWidth * pixels);
    }

    /// <summary>Latent frames that give the wanted frames.</summary>
    internal int LatentFrames(AutoencoderConfig config) => (Frames - 1) / config.FramesPerLatent + 1;

    /// <summary>Latent frames put in front to fill the last patch in time (1.5); cut off again before decoding.</summary>
    internal int Padding(TransformerConfig transformer, AutoencoderConfig config)
    {
        var patch = (int)(transformer.FramePatch ?? 1);
        return (patch - LatentFrames(config) % patch) % patch;
    }

    /// <summary>Latents as the transformer sees them.</summary>
    internal long[] Latents(int batch, TransformerConfig transformer, AutoencoderConfig config) =>
        [batch, LatentFrames(config) + Padding(transformer, config), config.LatentChannels, Height / config.PixelsPerLatent, Width / config.PixelsPerLatent];

    /// <summary>Refuses sizes that do not divide into patches, with the nearest that do.</summary>
    /// <exception cref="ArgumentException">Names the side and the valid values.</exception>
    internal void Check(TransformerConfig transformer, AutoencoderConfig autoencoder)
    {
        var multiple = autoencoder.PixelsPerLatent * (int)transformer.Patch;
        CheckMultiple("height", Height, multiple);
        CheckMultiple("width", Width, multiple);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Frames);
        var trained = Default(transformer, autoencoder);
        if (transformer.LearnedPositions && (Height, Width) != (trained.Height, trained.Width))
            throw new ArgumentException($"this model makes {trained.Width}x{trained.Height} videos only, asked for {Width}x{Height}.");
    }

    /// <summary>Refuses frame counts that would come out different: possible are 1, and multiples of two latent frames with or without one frame more.</summary>
    /// <exception cref="ArgumentException">Names the nearest valid counts.</exception>
    internal void CheckFrames(AutoencoderConfig autoencoder)
    {
        var chunk = 2 * autoencoder.FramesPerLatent;
        if (Frames == 1 || (Frames >= chunk && Frames % chunk <= 1))
            return;
        var below = Math.Max(Frames, 0) / chunk * chunk;
        throw new ArgumentException($"{Frames} frames are not possible; this model makes 1, {chunk}k or {chunk}k + 1 frames: {(below == 0 ? 1 : below + 1)} or {below + chunk} are the nearest.");
    }

    private static void CheckMultiple(string side, int value, int multiple)
    {
        if (value > 0 && value % multiple == 0)
            return;
        var below = Math.Max(value, 0) / multiple * multiple;
        throw new ArgumentException($"{side} must be a multiple of {multiple}, it is {value}; {(below == 0 ? "" : $"{below} or ")}{below + multiple} would do.");
    }
}

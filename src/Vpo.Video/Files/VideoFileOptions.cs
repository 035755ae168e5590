namespace Vpo.Video.Files;

/// <summary>How a clip is written to a file.</summary>
public sealed record VideoFileOptions
{
    private const double BestQuality = 10, WorstFactor = 51;

    /// <summary>Constant rate factor of H.264: 0 is lossless, 51 the worst. Default 18, at which a difference is hard to see.</summary>
    public int RateFactor { get; init; } = 18;

    /// <summary>Average bits a second of MP4 files; null (default): <see cref="RateFactor"/> decides.</summary>
    public long? BitRate { get; init; }

    /// <summary>Width and height of MP4 files are scaled up to multiples of it. Default 1: kept, but for odd ones, which H.264 players do not show: their last column or row is repeated.</summary>
    public int MacroBlockSize { get; init; } = 1;

    /// <summary>Frames a second; null (default): the clip's own.</summary>
    public double? FramesPerSecond { get; init; }

    /// <summary>Quality of animated WebP, from 0 to 100; null (default): lossless.</summary>
    public int? WebPQuality { get; init; }

    /// <summary>Whether prompt, seed and model are written into the file. Default true.</summary>
    public bool WritesMetadata { get; init; } = true;

    /// <summary>What diffusers' export_to_video gives its writer when it is called without options: 10 frames a second, quality 5 of 10 (rate factor 25), sizes in multiples of 16.</summary>
    public static VideoFileOptions AsReference { get; } = new() { FramesPerSecond = 10, RateFactor = RateFactorOf(5), MacroBlockSize = 16 };

    /// <summary>The rate factor that imageio makes of its quality.</summary>
    /// <param name="quality">From 0 (worst) to 10.</param>
    public static int RateFactorOf(double quality)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quality);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, BestQuality);
        return (int)((1 - quality / BestQuality) * WorstFactor);
    }

    internal VideoFileOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(RateFactor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RateFactor, (int)WorstFactor);
        ArgumentOutOfRangeException.ThrowIfLessThan(MacroBlockSize, 1);
        if (FramesPerSecond is { } rate)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        if (BitRate is { } bits)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bits);
        return this;
    }
}

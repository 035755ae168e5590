namespace Vpo;

/// <summary>A video in memory: frames of 8-bit RGB.</summary>
public sealed record VideoClip
{
    private const int Channels = 3;

    /// <param name="frames">Frames one after another, each row by row, each pixel red, green, blue: frameCount · height · width · 3 bytes. Not copied: do not change them afterwards.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="framesPerSecond">How fast to show it.</param>
    /// <exception cref="ArgumentException">The number of bytes is not a whole number of frames.</exception>
    public VideoClip(ReadOnlyMemory<byte> frames, int width, int height, double framesPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        var frame = (long)width * height * Channels;
        if (frames.Length == 0 || frames.Length % frame != 0)
            throw new ArgumentException($"expected a whole number of {width}x{height} RGB frames ({frame} bytes each), found {frames.Length} bytes", nameof(frames));
        (Frames, Width, Height, FramesPerSecond) = (frames, width, height, framesPerSecond);
        FrameCount = (int)(frames.Length / frame);
    }

    /// <summary>All frames: frame, row, column, channel.</summary>
    public ReadOnlyMemory<byte> Frames { get; }

    /// <summary>Pixels across.</summary>
    public int Width { get; }

    /// <summary>Pixels down.</summary>
    public int Height { get; }

    /// <summary>How many frames.</summary>
    public int FrameCount { get; }

    /// <summary>Frames a second.</summary>
    public double FramesPerSecond { get; }

    /// <summary>Which model made it.</summary>
    public string? ModelId { get; init; }

    /// <summary>One frame: height · width · 3 bytes.</summary>
    /// <param name="index">From 0 to FrameCount − 1.</param>
    public ReadOnlyMemory<byte> Frame(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, FrameCount);
        var size = Width * Height * Channels;
        return Frames.Slice(index * size, size);
    }
}

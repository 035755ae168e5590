namespace Vpo;

/// <summary>A video of 8-bit RGB frames, in memory or in a file that is read when its frames are first asked for.</summary>
public sealed record VideoClip
{
    private const int Channels = 3;
    private readonly Lazy<ReadOnlyMemory<byte>> _frames;

    /// <param name="frames">Frames one after another, each row by row, each pixel red, green, blue: frameCount · height · width · 3 bytes. Not copied: do not change them afterwards.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="framesPerSecond">How fast to show it.</param>
    /// <exception cref="ArgumentException">The number of bytes is not a whole number of frames.</exception>
    public VideoClip(ReadOnlyMemory<byte> frames, int width, int height, double framesPerSecond)
    {
        var frame = BytesPerFrame(width, height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        if (frames.Length == 0 || frames.Length % frame != 0)
            throw new ArgumentException($"expected a whole number of {width}x{height} RGB frames ({frame} bytes each), found {frames.Length} bytes", nameof(frames));
        (_frames, Width, Height, FramesPerSecond) = (new(frames), width, height, framesPerSecond);
        FrameCount = (int)(frames.Length / frame);
    }

    /// <summary>A clip whose frames come later.</summary>
    /// <param name="load">Gives all frames. Called once, on the first use of <see cref="Frames"/>; again after it failed.</param>
    /// <param name="frameCount">How many frames it will give.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="framesPerSecond">How fast to show it.</param>
    public VideoClip(Func<ReadOnlyMemory<byte>> load, int frameCount, int width, int height, double framesPerSecond)
    {
        ArgumentNullException.ThrowIfNull(load);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frameCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        var expected = frameCount * BytesPerFrame(width, height);
        (FrameCount, Width, Height, FramesPerSecond) = (frameCount, width, height, framesPerSecond);
        _frames = new(() => load() is var frames && frames.Length == expected
            ? frames
            : throw new InvalidDataException($"expected {frameCount} RGB frames of {width}x{height} ({expected} bytes), found {frames.Length} bytes"), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>All frames: frame, row, column, channel. Read now if the clip is in a file and they were not read before.</summary>
    /// <exception cref="IOException">The file can't be read; the message says why.</exception>
    public ReadOnlyMemory<byte> Frames => _frames.Value;

    /// <summary>The file or folder that holds the clip; null when it is only in memory.</summary>
    public string? File { get; init; }

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

    /// <summary>The prompt that it was made from; null when unknown.</summary>
    public string? Prompt { get; init; }

    /// <summary>The seed that it was made with; null when unknown.</summary>
    public long? Seed { get; init; }

    /// <summary>One frame: height · width · 3 bytes.</summary>
    /// <param name="index">From 0 to FrameCount − 1.</param>
    public ReadOnlyMemory<byte> Frame(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, FrameCount);
        var size = Width * Height * Channels;
        return Frames.Slice(index * size, size);
    }

    /// <summary>Size, length and file; never reads the frames.</summary>
    public override string ToString() => FormattableString.Invariant($"{FrameCount} frames of {Width}x{Height} at {FramesPerSecond}/s{(File is null ? "" : $" in {File}")}");

    private static long BytesPerFrame(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        return (long)width * height * Channels;
    }
}

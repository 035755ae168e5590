using StbImageWriteSharp;
using Vpo.Reporting;
using Vpo.Rewards.Sampling;

namespace Vpo.Rewards.Remote;

/// <summary>Which frames a remote judge is sent.</summary>
public enum FrameStrategy
{
    /// <summary>One a second, as VisionReward looks at clips.</summary>
    OnePerSecond,

    /// <summary>The middles of equal parts, as VBench and VideoScore do; clips with fewer frames are sent whole.</summary>
    Spread,
}

/// <summary>How a frame is written.</summary>
public enum FrameFormat
{
    /// <summary>Without loss.</summary>
    Png,

    /// <summary>A tenth of the size, with the loss that <see cref="FrameSelection.JpegQuality"/> allows.</summary>
    Jpeg,
}

/// <summary>Which and how many frames a remote judge is sent.</summary>
public sealed record FrameSelection
{
    /// <summary>Which.</summary>
    public FrameStrategy Strategy { get; init; } = FrameStrategy.OnePerSecond;

    /// <summary>At most so many; 24 unless said otherwise. Many services limit the pictures of a request.</summary>
    public int MaxFrames { get; init; } = FrameSampler.VisionRewardCap;

    /// <summary>JPEG quality, from 1 to 100; 95 unless said otherwise, above 90 without colour subsampling.</summary>
    public int JpegQuality { get; init; } = 95;

    /// <summary>The indices of the frames.</summary>
    public IReadOnlyList<int> Of(VideoClip clip) => Strategy == FrameStrategy.OnePerSecond
        ? FrameSampler.OnePerSecond(clip, MaxFrames)
        : FrameSampler.Middle(clip.FrameCount, Math.Min(MaxFrames, clip.FrameCount));

    /// <summary>The chosen frames as files.</summary>
    internal IReadOnlyList<byte[]> Encode(VideoClip clip, FrameFormat format) => [.. Of(clip).Select(i => format == FrameFormat.Jpeg
        ? Jpeg(clip, i)
        : AnimatedPng.Encode(new(clip.Frame(i), clip.Width, clip.Height, clip.FramesPerSecond)))];

    private byte[] Jpeg(VideoClip clip, int index)
    {
        using var file = new MemoryStream();
        new ImageWriter().WriteJpg(clip.Frame(index).ToArray(), clip.Width, clip.Height, ColorComponents.RedGreenBlue, file, JpegQuality);
        return file.ToArray();
    }
}

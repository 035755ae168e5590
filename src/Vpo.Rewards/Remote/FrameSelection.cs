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

/// <summary>Which and how many frames a remote judge is sent; as PNG, so without loss.</summary>
public sealed record FrameSelection
{
    /// <summary>Which.</summary>
    public FrameStrategy Strategy { get; init; } = FrameStrategy.OnePerSecond;

    /// <summary>At most so many; 24 unless said otherwise. Many services limit the pictures of a request.</summary>
    public int MaxFrames { get; init; } = FrameSampler.VisionRewardCap;

    /// <summary>The indices of the frames.</summary>
    public IReadOnlyList<int> Of(VideoClip clip) => Strategy == FrameStrategy.OnePerSecond
        ? FrameSampler.OnePerSecond(clip, MaxFrames)
        : FrameSampler.Middle(clip.FrameCount, Math.Min(MaxFrames, clip.FrameCount));

    /// <summary>The chosen frames as PNG files.</summary>
    internal IReadOnlyList<byte[]> Encode(VideoClip clip) =>
        [.. Of(clip).Select(i => AnimatedPng.Encode(new(clip.Frame(i), clip.Width, clip.Height, clip.FramesPerSecond)))];
}

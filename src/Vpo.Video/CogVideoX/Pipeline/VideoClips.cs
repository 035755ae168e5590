using Vpo.Video.Files;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Clips from tensors.</summary>
public static class VideoClips
{
    /// <summary>Rounds to 8 bits, half to even, as the reference exports frames.</summary>
    /// <param name="videos">[B, F, 3, H, W] in 0 .. 1.</param>
    /// <param name="framesPerSecond">How fast to show them.</param>
    /// <param name="modelId">Which model made them.</param>
    public static IReadOnlyList<VideoClip> Of(Tensor videos, double framesPerSecond, string? modelId)
    {
        ArgumentNullException.ThrowIfNull(videos);
        using var scope = NewDisposeScope();
        var bytes = FrameRounding.ToBytes(videos).permute(0, 1, 3, 4, 2).contiguous().cpu();
        var (height, width) = ((int)videos.shape[3], (int)videos.shape[4]);
        return [.. bytes.unbind(0).Select(clip => new VideoClip(clip.data<byte>().ToArray(), width, height, framesPerSecond) { ModelId = modelId })];
    }
}

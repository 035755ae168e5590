using TorchSharp;
using static TorchSharp.torch;

namespace Vpo.Rewards.Preprocessing;

/// <summary>Frames of a clip as a tensor.</summary>
internal static class ClipTensor
{
    /// <summary>[frames, height, width, 3], float32 from 0 to 255.</summary>
    public static Tensor Of(VideoClip clip, IReadOnlyList<int> frames, Device device)
    {
        using var scope = NewDisposeScope();
        var bytes = empty([frames.Count, clip.Height, clip.Width, 3], ScalarType.Byte);
        var size = clip.Height * clip.Width * 3;
        for (var i = 0; i < frames.Count; i++)
            clip.Frame(frames[i]).Span.CopyTo(bytes.bytes.Slice(i * size, size));
        return bytes.to(device).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}

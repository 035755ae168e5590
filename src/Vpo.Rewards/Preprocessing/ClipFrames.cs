using TorchSharp;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Rewards.Preprocessing;

/// <summary>From frames to CLIP's pixel values. VBench scales in two ways that differ by up to 2.5 normalised units at hard edges; use the one that the figure to compare with used.</summary>
public static class ClipFrames
{
    /// <summary>As a picture (VBench's appearance style, CLIP's own way): Pillow's bicubic with antialias and 8-bit rounding, centre cut out, normalised.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="frames">Which frames.</param>
    /// <param name="size">Width and height of the result; 224 for B/32 and L/14.</param>
    /// <param name="device">Where the result is.</param>
    /// <returns>[frames, 3, size, size], float32.</returns>
    public static Tensor AsPictures(VideoClip clip, IReadOnlyList<int> frames, int size, Device device)
    {
        using var scope = NewDisposeScope();
        var (height, width) = ScaledSize(clip.Height, clip.Width, size);
        var pixels = new byte[frames.Count * height * width * 3];
        for (var i = 0; i < frames.Count; i++)
            PillowResize.Bicubic(clip.Frame(frames[i]).Span, (clip.Height, clip.Width), (height, width)).CopyTo(pixels, i * height * width * 3);
        var scaled = ClipTensor.Of(new(pixels, width, height, clip.FramesPerSecond), [.. Enumerable.Range(0, frames.Count)], device);
        return Finish(scaled.permute(0, 3, 1, 2), size).MoveToOuterDisposeScope();
    }

    /// <summary>As a tensor (VBench's background consistency): bicubic with a = −0.75, no antialias, values may leave 0..255, centre cut out, normalised.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="frames">Which frames.</param>
    /// <param name="size">Width and height of the result.</param>
    /// <param name="device">Where the result is.</param>
    /// <returns>[frames, 3, size, size], float32.</returns>
    public static Tensor AsTensor(VideoClip clip, IReadOnlyList<int> frames, int size, Device device)
    {
        using var scope = NewDisposeScope();
        var (height, width) = ScaledSize(clip.Height, clip.Width, size);
        var x = ClipTensor.Of(clip, frames, device).permute(0, 3, 1, 2);
        if ((height, width) != (clip.Height, clip.Width))
            x = nn.functional.interpolate(x, [height, width], mode: InterpolationMode.Bicubic, align_corners: false);
        return Finish(x, size).MoveToOuterDisposeScope();
    }

    // torchvision's Resize: the product first, then the division, rounded down.
    private static (int Height, int Width) ScaledSize(int height, int width, int size) => width <= height
        ? ((int)((double)((long)size * height) / width), size)
        : (size, (int)((double)((long)size * width) / height));

    private static Tensor Finish(Tensor x, int size) =>
        VisionRewardFrames.Normalize(VisionRewardFrames.CentreCrop(x, size).contiguous().div(tensor(255f, device: x.device)), [3, 1, 1]);
}

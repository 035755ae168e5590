using TorchSharp;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Rewards.Preprocessing;

/// <summary>From frames to VisionReward's pixel values: to 0..1, normalised, short side scaled, centre cut out, in that order (pytorchvideo 0.1.5 and torchvision).</summary>
public static class VisionRewardFrames
{
    /// <summary>CLIP's mean of red, green and blue on 0..1.</summary>
    public static IReadOnlyList<float> Mean { get; } = [0.48145466f, 0.4578275f, 0.40821073f];

    /// <summary>CLIP's standard deviation of red, green and blue on 0..1.</summary>
    public static IReadOnlyList<float> Deviation { get; } = [0.26862954f, 0.26130258f, 0.27577711f];

    /// <summary>Pixel values of chosen frames of a clip.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="frames">Which frames.</param>
    /// <param name="size">Width and height of the result; 224 for the published model.</param>
    /// <param name="device">Where the result is.</param>
    /// <returns>[frames, 3, size, size], float32.</returns>
    public static Tensor From(VideoClip clip, IReadOnlyList<int> frames, int size, Device device)
    {
        using var scope = NewDisposeScope();
        return From(ClipTensor.Of(clip, frames, device).permute(3, 0, 1, 2), size).MoveToOuterDisposeScope();
    }

    /// <summary>Pixel values of frames as a tensor.</summary>
    /// <param name="frames">[3, frames, height, width], float32 from 0 to 255.</param>
    /// <param name="size">Width and height of the result.</param>
    /// <returns>[frames, 3, size, size], float32.</returns>
    public static Tensor From(Tensor frames, int size)
    {
        using var scope = NewDisposeScope();
        var normal = Normalize(frames.div(tensor(255f, device: frames.device)), [3, 1, 1, 1]);
        var (height, width) = (frames.shape[2], frames.shape[3]);
        var scaled = nn.functional.interpolate(normal, ScaledSize(height, width, size), mode: InterpolationMode.Bilinear, align_corners: false);
        return CentreCrop(scaled, size).transpose(0, 1).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The size after scaling the short side: the long side is floor(long/short·size), divided first, in double precision (so 61x28 to 28 gives 60, not 61).</summary>
    public static long[] ScaledSize(long height, long width, int size) => width < height
        ? [(long)Math.Floor((double)height / width * size), size]
        : [size, (long)Math.Floor((double)width / height * size)];

    /// <summary>Subtracts CLIP's means and divides by its deviations.</summary>
    /// <param name="x">Any tensor with a dimension of the three channels.</param>
    /// <param name="shape">The shape in which the channels' figures broadcast against <paramref name="x"/>.</param>
    internal static Tensor Normalize(Tensor x, long[] shape)
    {
        using var scope = NewDisposeScope();
        var mean = tensor([.. Mean], device: x.device).reshape(shape);
        var deviation = tensor([.. Deviation], device: x.device).reshape(shape);
        return x.Minus(mean).div(deviation).MoveToOuterDisposeScope();
    }

    /// <summary>Cuts out the middle; odd margins round half to even, as in torchvision.</summary>
    internal static Tensor CentreCrop(Tensor x, int size)
    {
        var top = (long)Math.Round((x.shape[^2] - size) / 2.0, MidpointRounding.ToEven);
        var left = (long)Math.Round((x.shape[^1] - size) / 2.0, MidpointRounding.ToEven);
        return x.narrow(-2, top, size).narrow(-1, left, size);
    }
}

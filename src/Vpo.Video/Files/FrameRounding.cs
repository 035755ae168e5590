using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.Files;

/// <summary>How values from 0 to 1 become bytes.</summary>
public enum ByteRounding
{
    /// <summary>Half to even, as the reference exports frames by way of pictures (output_type "pil", the command line tools of CogVideoX).</summary>
    HalfToEven,

    /// <summary>Towards zero, as the reference's export_to_video does with arrays (output_type "np"): on average half a step darker.</summary>
    TowardsZero,
}

/// <summary>From what a video decoder gives to frames and bytes, digit for digit as diffusers' VideoProcessor and export_to_video.</summary>
public static class FrameRounding
{
    private const double White = 255;

    /// <summary>Frames of a decoded video: x / 2 + 1 / 2, limited to 0 .. 1.</summary>
    /// <param name="video">[B, 3, F, H, W], about −1 .. 1.</param>
    /// <returns>[B, F, 3, H, W].</returns>
    public static Tensor FromDecoder(Tensor video)
    {
        ArgumentNullException.ThrowIfNull(video);
        using var scope = NewDisposeScope();
        return video.transpose(1, 2).Times(0.5).Plus(0.5).Within(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Bytes of frames; computed in float32 whatever their type.</summary>
    /// <param name="frames">Any shape, 0 .. 1.</param>
    /// <param name="rounding">Which way.</param>
    /// <returns>The same shape, uint8.</returns>
    public static Tensor ToBytes(Tensor frames, ByteRounding rounding = ByteRounding.HalfToEven)
    {
        ArgumentNullException.ThrowIfNull(frames);
        using var scope = NewDisposeScope();
        var levels = frames.to(ScalarType.Float32).Times(White);
        return (rounding == ByteRounding.HalfToEven ? levels.round() : levels).to(ScalarType.Byte).MoveToOuterDisposeScope();
    }
}

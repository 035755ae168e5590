using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>Rendered clips as input of the autoencoder.</summary>
internal static class ClipTensors
{
    private const double HalfWhite = 127.5;

    /// <returns>[B, 3, F, H, W] in −1 .. 1, float32.</returns>
    public static Tensor Of(IReadOnlyList<VideoClip> clips)
    {
        using var scope = NewDisposeScope();
        var bytes = clips.SelectMany(clip => clip.Frames.ToArray()).ToArray();
        var frames = tensor(bytes).view(clips.Count, Renderer.FrameCount, Renderer.Side, Renderer.Side, 3);
        return frames.permute(0, 4, 1, 2, 3).to(ScalarType.Float32).Times(1 / HalfWhite).Plus(-1).contiguous().MoveToOuterDisposeScope();
    }
}

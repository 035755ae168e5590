using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>A denoising model as training sees it: a function, what it is trained through, and its noise. A CogVideoX transformer fits as it is.</summary>
public sealed record DenoisingModel
{
    /// <summary>(noisy samples [B, ...], timesteps int64 [B], text [B, tokens, width]) to what <see cref="Target"/> says, [B, ...].</summary>
    public required Func<Tensor, Tensor, Tensor, Tensor> Predict { get; init; }

    /// <summary>What is trained: those that require gradients, such as an adapter's.</summary>
    public required IReadOnlyList<(string Name, Parameter Value)> Parameters { get; init; }

    /// <summary>ā of every timestep: the share of signal in the variance.</summary>
    public required IReadOnlyList<double> Signal { get; init; }

    /// <summary>What it predicts.</summary>
    public DiffusionTarget Target { get; init; } = DiffusionTarget.Velocity;

    /// <summary>Where it computes; null: the CPU.</summary>
    public Device? Device { get; init; }
}

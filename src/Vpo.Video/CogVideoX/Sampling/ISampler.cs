using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Takes noisy latents step by step to clean ones. One object serves one run; not for use from several threads.</summary>
public interface ISampler : IDisposable
{
    /// <summary>The timesteps of the run, greatest first.</summary>
    IReadOnlyList<int> Timesteps { get; }

    /// <summary>One step.</summary>
    /// <param name="index">Which, from 0 in order.</param>
    /// <param name="sample">Latents before the step, of any float type.</param>
    /// <param name="velocity">What the transformer predicted for them, float32.</param>
    /// <returns>Latents after the step, float32.</returns>
    Tensor Step(int index, Tensor sample, Tensor velocity);
}

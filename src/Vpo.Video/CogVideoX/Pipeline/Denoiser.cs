using TorchSharp;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>The transformer as one run uses it: with its words, its first frame, its guidance and its caches.</summary>
internal sealed class Denoiser(CogVideoXTransformer transformer, GenerationBatch batch, Tensor words, Tensor? condition) : IDisposable
{
    private readonly Tensor _words = words.to(transformer.Compute, transformer.Device).alias().DetachFromDisposeScope();
    private readonly StepCache?[] _caches = [.. Enumerable.Range(0, 2).Select(_ => batch.StepCache?.Create(batch.Steps))];   // one, or with split guidance one for each half

    /// <summary>The velocity at noisy latents [B, F, C, h, w], float32, guidance applied.</summary>
    /// <param name="latents">Of the step before.</param>
    /// <param name="timestep">Of this step.</param>
    /// <param name="cancellationToken">Ends the step between two blocks.</param>
    public Tensor Velocity(Tensor latents, int timestep, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var conditioned = condition is null ? latents : cat([latents, condition], 2);
        var isSplit = batch.SplitGuidance && batch.Guidance.IsOn;
        var input = batch.Guidance.IsOn && !isSplit ? cat([conditioned, conditioned], 0) : conditioned;
        using var time = timestep.ToScalar();
        var timesteps = full([input.shape[0]], time, dtype: ScalarType.Int64, device: latents.device);
        void Stop(string name, Tensor inner) => cancellationToken.ThrowIfCancellationRequested();
        Tensor Predict(Tensor text, StepCache? cache) => transformer.Predict((input, timesteps, text), null, Stop, cache).to(ScalarType.Float32);
        var velocity = isSplit ? cat(_words.chunk(2, 0).Select((half, i) => Predict(half, _caches[i])).ToArray(), 0) : Predict(_words, _caches[0]);
        return (batch.Guidance.IsOn ? Guidance.Combine(velocity, batch.Guidance.At(timestep, batch.Steps)) : velocity).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _words.Dispose();
        foreach (var cache in _caches)
            cache?.Dispose();
    }
}

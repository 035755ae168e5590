using TorchSharp;
using Vpo.Models.Tensors;
using Vpo.Video.Files;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Text encoder, transformer and autoencoder as one generator of videos (arXiv 2408.06072): encode the text, denoise latents, decode them.</summary>
/// <param name="text">Disposed with this object, as are the two models.</param>
/// <param name="transformer">Predicts velocities.</param>
/// <param name="autoencoder">Decodes latents.</param>
/// <param name="schedule">The noise of each timestep.</param>
/// <remarks>Blocks the calling thread. Runs from several threads at once are safe; they share the weights.</remarks>
public sealed class CogVideoXPipeline(ITextEncoder text, CogVideoXTransformer transformer, CogVideoXAutoencoder autoencoder, NoiseSchedule schedule) : IDisposable
{
    /// <summary>Encodes prompts.</summary>
    public ITextEncoder Text { get; } = text ?? throw new ArgumentNullException(nameof(text));

    /// <summary>Predicts velocities.</summary>
    public CogVideoXTransformer Transformer { get; } = transformer ?? throw new ArgumentNullException(nameof(transformer));

    /// <summary>Decodes latents.</summary>
    public CogVideoXAutoencoder Autoencoder { get; } = autoencoder ?? throw new ArgumentNullException(nameof(autoencoder));

    /// <summary>The noise of each timestep.</summary>
    public NoiseSchedule Schedule { get; } = schedule ?? throw new ArgumentNullException(nameof(schedule));

    /// <summary>Whether the model needs a first frame.</summary>
    public bool NeedsImage => Transformer.Config.InChannels > Autoencoder.Config.LatentChannels;

    /// <summary>Makes the videos of a batch.</summary>
    /// <param name="batch">What to make.</param>
    /// <param name="progress">Hears of every step.</param>
    /// <param name="cancellationToken">Ends the run between two steps.</param>
    /// <returns>[B, F, 3, H, W] in 0 .. 1, in the autoencoder's type. The caller disposes of it.</returns>
    /// <exception cref="ArgumentException">The batch asks for what the model can't do; thrown before any work.</exception>
    public Tensor Generate(GenerationBatch batch, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Check(batch);
        progress?.Report(new(0, batch.Steps, "encoding text"));
        var words = EncodeText(batch);
        var latents = Denoise(batch, words, progress, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report(new(batch.Steps, batch.Steps, "decoding"));
        return Decode(batch, latents).MoveToOuterDisposeScope();
    }

    /// <summary>Refuses what <see cref="Generate"/> would refuse, without doing anything.</summary>
    public void Check(GenerationBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Prompts.Count == 0)
            throw new ArgumentException("there is no prompt.", nameof(batch));
        if (batch.NegativePrompts is { } negatives && negatives.Count != batch.Prompts.Count)
            throw new ArgumentException($"there are {negatives.Count} negative prompts for {batch.Prompts.Count} prompts; give one for each, or none.", nameof(batch));
        if (NeedsImage != batch.Image is not null)
            throw new ArgumentException(NeedsImage ? "this model makes videos from images: give the first frame." : "this model takes no image.", nameof(batch));
        ShapeOf(batch).Check(Transformer.Config, Autoencoder.Config);
        Schedule.Timesteps(batch.Steps);
        foreach (var prompt in batch.Prompts.Concat(batch.NegativePrompts ?? []))
            Text.Check(prompt);
    }

    /// <summary>Embeddings [B, L, D]; with guidance [2B, L, D], those of the negative prompts first.</summary>
    internal Tensor EncodeText(GenerationBatch batch)
    {
        var negatives = batch.NegativePrompts ?? [.. batch.Prompts.Select(_ => "")];
        return Embed(batch.Guidance.IsOn ? [.. negatives, .. batch.Prompts] : [.. batch.Prompts]);
    }

    /// <summary>Embeddings [prompts, L, D], without guidance.</summary>
    internal Tensor Embed(IReadOnlyList<string> prompts)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var distinct = prompts.Distinct(StringComparer.Ordinal).ToList();
        var rows = tensor(prompts.Select(prompt => (long)distinct.IndexOf(prompt)).ToArray(), device: Transformer.Device);
        return Text.Encode(distinct).to(Transformer.Compute, Transformer.Device).index_select(0, rows).MoveToOuterDisposeScope();
    }

    /// <summary>From noise to latents [B, F, C, h, w]; <paramref name="listen"/> hears of the latents after each step.</summary>
    internal Tensor Denoise(GenerationBatch batch, Tensor words, IProgress<VideoProgress>? progress, CancellationToken cancellationToken, Action<int, Tensor>? listen = null)
    {
        using var scope = NewDisposeScope();
        var shape = ShapeOf(batch).Latents(batch.Prompts.Count, Transformer.Config, Autoencoder.Config);
        Tensor Draw() => batch.Noise.Draw(shape, Transformer.Compute).to(Transformer.Device);
        var condition = batch.Image is { } image ? EncodeImage(image, batch.Noise, shape) : null;
        var latents = Draw();
        using var caches = new StepCaches(batch);
        using ISampler sampler = batch.Sampler == SamplerKind.Dpm ? new DpmSampler(Schedule, batch.Steps, Draw) : new DdimSampler(Schedule, batch.Steps);
        for (var i = 0; i < sampler.Timesteps.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var velocity = Velocity(condition is null ? latents : cat([latents, condition], 2), (words, sampler.Timesteps[i]), batch, caches);
            var next = sampler.Step(i, latents, velocity).to(Transformer.Compute);
            latents.Dispose();
            latents = next.MoveToOuterDisposeScope();
            listen?.Invoke(i, latents);
            progress?.Report(new(i + 1, batch.Steps, "denoising"));
        }
        return latents.MoveToOuterDisposeScope();
    }

    private Tensor Velocity(Tensor latents, (Tensor Words, int Timestep) at, GenerationBatch batch, StepCaches caches)
    {
        var isSplit = batch.SplitGuidance && batch.Guidance.IsOn;
        var input = batch.Guidance.IsOn && !isSplit ? cat([latents, latents], 0) : latents;
        var timesteps = full([input.shape[0]], at.Timestep.ToScalar(), dtype: ScalarType.Int64, device: latents.device);
        Tensor Predict(Tensor words, StepCache? cache) => (cache is null ? Transformer.forward(input, timesteps, words) : Transformer.Predict(input, timesteps, words, cache)).to(ScalarType.Float32);
        var velocity = isSplit ? cat(at.Words.chunk(2, 0).Select((half, i) => Predict(half, caches.Of(i))).ToArray(), 0) : Predict(at.Words, caches.Of(0));
        return batch.Guidance.IsOn ? Guidance.Combine(velocity, batch.Guidance.At(at.Timestep, batch.Steps)) : velocity;
    }

    /// <summary>Latents of the first frame, followed by zeros, [B, F, C, h, w].</summary>
    internal Tensor EncodeImage(Tensor image, INoise noise, long[] shape)
    {
        using var scope = NewDisposeScope();
        var posterior = Autoencoder.Encode(image.unsqueeze(2).Times(2).Plus(-1).to(Autoencoder.Device));
        long[] one = [shape[0], shape[2], 1, shape[3], shape[4]];
        var latents = posterior.Sample(noise.Draw(one, Autoencoder.Compute).to(Autoencoder.Device)).transpose(1, 2);
        var factor = Autoencoder.Config.InvertScale ? 1 / Autoencoder.Config.ScalingFactor : Autoencoder.Config.ScalingFactor;
        var rest = zeros([shape[0], shape[1] - 1, .. shape[2..]], dtype: latents.dtype, device: latents.device);
        return cat([latents.Times(factor), rest], 1).to(Transformer.Compute, Transformer.Device).MoveToOuterDisposeScope();
    }

    /// <summary>Latents to video in 0 .. 1, [B, F, 3, H, W].</summary>
    internal Tensor Decode(GenerationBatch batch, Tensor latents)
    {
        using var scope = NewDisposeScope();
        var padding = ShapeOf(batch).Padding(Transformer.Config, Autoencoder.Config);
        var real = latents.narrow(1, padding, latents.shape[1] - padding).transpose(1, 2).Times(1 / Autoencoder.Config.ScalingFactor);
        var video = Autoencoder.Decode(real.to(Autoencoder.Compute, Autoencoder.Device), batch.DecodeOneByOne, batch.Tiling);
        return FrameRounding.FromDecoder(video).MoveToOuterDisposeScope();
    }

    private VideoShape ShapeOf(GenerationBatch batch) => batch.Shape ?? VideoShape.Default(Transformer.Config, Autoencoder.Config);

    /// <summary>Disposes of the three models.</summary>
    public void Dispose()
    {
        Text.Dispose();
        Transformer.Dispose();
        Autoencoder.Dispose();
    }
}

using TorchSharp;
using Vpo.Models.Tensors;
using Vpo.Video.Files;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Text encoder, transformer and autoencoder as one generator of videos (arXiv 2408.06072): encode the text, denoise latents, decode them.</summary>
/// <remarks>Blocks the calling thread. Runs from several threads at once are safe; they share the weights.</remarks>
public sealed class CogVideoXPipeline : IDisposable
{
    private readonly Part<CogVideoXTransformer> _transformer;
    private readonly Part<CogVideoXAutoencoder> _autoencoder;

    /// <param name="text">Encodes prompts. Disposed with this object, as are the two models.</param>
    /// <param name="transformer">Predicts velocities.</param>
    /// <param name="autoencoder">Decodes latents.</param>
    /// <param name="schedule">The noise of each timestep.</param>
    public CogVideoXPipeline(ITextEncoder text, CogVideoXTransformer transformer, CogVideoXAutoencoder autoencoder, NoiseSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(autoencoder);
        ArgumentNullException.ThrowIfNull(schedule);
        (Text, Schedule, _transformer, _autoencoder) = (text, schedule, new(transformer), new(autoencoder));
        (TransformerConfig, AutoencoderConfig) = (transformer.Config, autoencoder.Config);
    }

    /// <summary>Of parts that may be closed in between.</summary>
    internal CogVideoXPipeline(ITextEncoder text, (TransformerConfig Config, Part<CogVideoXTransformer> Part) transformer, (AutoencoderConfig Config, Part<CogVideoXAutoencoder> Part) autoencoder, NoiseSchedule schedule) =>
        (Text, Schedule, TransformerConfig, _transformer, AutoencoderConfig, _autoencoder) = (text, schedule, transformer.Config, transformer.Part, autoencoder.Config, autoencoder.Part);

    /// <summary>Encodes prompts.</summary>
    public ITextEncoder Text { get; }

    /// <summary>Predicts velocities. Where parts are closed in between, this opens it until the next run ends.</summary>
    public CogVideoXTransformer Transformer => _transformer.Model;

    /// <summary>Decodes latents. Where parts are closed in between, this opens it until the next run ends.</summary>
    public CogVideoXAutoencoder Autoencoder => _autoencoder.Model;

    /// <summary>The noise of each timestep.</summary>
    public NoiseSchedule Schedule { get; }

    /// <summary>The transformer's numbers, without opening it.</summary>
    internal TransformerConfig TransformerConfig { get; }

    /// <summary>The autoencoder's numbers, without opening it.</summary>
    internal AutoencoderConfig AutoencoderConfig { get; }

    /// <summary>Which parts are open now.</summary>
    internal (bool Transformer, bool Autoencoder) Open => (_transformer.IsOpen, _autoencoder.IsOpen);

    /// <summary>Whether the model needs a first frame.</summary>
    public bool NeedsImage => TransformerConfig.InChannels > AutoencoderConfig.LatentChannels;

    /// <summary>Makes the videos of a batch.</summary>
    /// <param name="batch">What to make.</param>
    /// <param name="progress">Hears of every step.</param>
    /// <param name="cancellationToken">Ends the run within a step, between two blocks of a model.</param>
    /// <returns>[B, F, 3, H, W] in 0 .. 1, in the autoencoder's type. The caller disposes of it.</returns>
    /// <exception cref="ArgumentException">The batch asks for what the model can't do; thrown before any work.</exception>
    public Tensor Generate(GenerationBatch batch, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Check(batch);
        progress?.Report(new(0, batch.Steps, "encoding text"));
        var words = EncodeText(batch, cancellationToken);
        var latents = Denoise(batch, words, progress, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report(new(batch.Steps, batch.Steps, "decoding"));
        return Decode(batch, latents, cancellationToken).MoveToOuterDisposeScope();
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
        ShapeOf(batch).Check(TransformerConfig, AutoencoderConfig);
        Schedule.Timesteps(batch.Steps);
        foreach (var prompt in batch.Prompts.Concat(batch.NegativePrompts ?? []))
            Text.Check(prompt);
    }

    /// <summary>Embeddings [B, L, D]; with guidance [2B, L, D], those of the negative prompts first.</summary>
    internal Tensor EncodeText(GenerationBatch batch, CancellationToken cancellationToken = default)
    {
        var negatives = batch.NegativePrompts ?? [.. batch.Prompts.Select(_ => "")];
        return Embed(batch.Guidance.IsOn ? [.. negatives, .. batch.Prompts] : [.. batch.Prompts], cancellationToken);
    }

    /// <summary>Embeddings [prompts, L, D], without guidance.</summary>
    internal Tensor Embed(IReadOnlyList<string> prompts, CancellationToken cancellationToken = default)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var distinct = prompts.Distinct(StringComparer.Ordinal).ToList();
        var embeddings = Text.Encode(distinct, cancellationToken);
        var rows = tensor(prompts.Select(prompt => (long)distinct.IndexOf(prompt)).ToArray(), device: embeddings.device);
        return embeddings.index_select(0, rows).MoveToOuterDisposeScope();
    }

    /// <summary>From noise to latents [B, F, C, h, w]; <paramref name="listen"/> hears of the latents after each step.</summary>
    internal Tensor Denoise(GenerationBatch batch, Tensor words, IProgress<VideoProgress>? progress, CancellationToken cancellationToken, Action<int, Tensor>? listen = null)
    {
        using var scope = NewDisposeScope();
        var shape = ShapeOf(batch).Latents(batch.Prompts.Count, TransformerConfig, AutoencoderConfig);
        var condition = batch.Image is { } image ? EncodeImage(image, batch.Noise, shape) : null;
        return _transformer.Use(transformer =>
        {
            Tensor Draw() => batch.Noise.Draw(shape, transformer.Compute).to(transformer.Device);
            using var denoiser = new Denoiser(transformer, batch, words, condition);
            using ISampler sampler = batch.Sampler == SamplerKind.Dpm ? new DpmSampler(Schedule, batch.Steps, Draw) : new DdimSampler(Schedule, batch.Steps);
            var latents = Draw();
            for (var i = 0; i < sampler.Timesteps.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var step = NewDisposeScope();
                var next = sampler.Step(i, latents, denoiser.Velocity(latents, sampler.Timesteps[i], cancellationToken)).to(transformer.Compute);
                latents.Dispose();
                latents = next.MoveToOuterDisposeScope();
                listen?.Invoke(i, latents);
                progress?.Report(new(i + 1, batch.Steps, "denoising"));
            }
            return latents;
        }).MoveToOuterDisposeScope();
    }

    /// <summary>Latents of the first frame, followed by zeros, [B, F, C, h, w].</summary>
    internal Tensor EncodeImage(Tensor image, INoise noise, long[] shape)
    {
        using var scope = NewDisposeScope();
        return _autoencoder.Use(autoencoder =>
        {
            var posterior = autoencoder.Encode(image.unsqueeze(2).Times(2).Plus(-1).to(autoencoder.Device));
            long[] one = [shape[0], shape[2], 1, shape[3], shape[4]];
            var latents = posterior.Sample(noise.Draw(one, autoencoder.Compute).to(autoencoder.Device)).transpose(1, 2);
            var factor = autoencoder.Config.InvertScale ? 1 / autoencoder.Config.ScalingFactor : autoencoder.Config.ScalingFactor;
            var rest = zeros([shape[0], shape[1] - 1, .. shape[2..]], dtype: latents.dtype, device: latents.device);
            return cat([latents.Times(factor), rest], 1);
        }).MoveToOuterDisposeScope();
    }

    /// <summary>Latents to video in 0 .. 1, [B, F, 3, H, W].</summary>
    internal Tensor Decode(GenerationBatch batch, Tensor latents, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var padding = ShapeOf(batch).Padding(TransformerConfig, AutoencoderConfig);
        var real = latents.narrow(1, padding, latents.shape[1] - padding).transpose(1, 2).Times(1 / AutoencoderConfig.ScalingFactor);
        var video = _autoencoder.Use(autoencoder => autoencoder.Decode(real.to(autoencoder.Compute, autoencoder.Device), batch.DecodeOneByOne, batch.Tiling, cancellationToken));
        return FrameRounding.FromDecoder(video).MoveToOuterDisposeScope();
    }

    private VideoShape ShapeOf(GenerationBatch batch) => batch.Shape ?? VideoShape.Default(TransformerConfig, AutoencoderConfig);

    /// <summary>Disposes of the three models.</summary>
    public void Dispose()
    {
        Text.Dispose();
        _transformer.Dispose();
        _autoencoder.Dispose();
    }
}

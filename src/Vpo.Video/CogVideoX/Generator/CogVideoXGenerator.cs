using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>CogVideoX as a video generator. Runs one batch at a time, off the calling thread.</summary>
public sealed class CogVideoXGenerator : IBatchVideoGenerator
{
    private const double FramesPerSecond = 8, FramesPerSecondLater = 16;
    private readonly CogVideoXPipeline _pipeline;
    private readonly CogVideoXOptions _options;
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <param name="pipeline">The model; disposed with this object.</param>
    /// <param name="options">Null: the defaults.</param>
    public CogVideoXGenerator(CogVideoXPipeline pipeline, CogVideoXOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        if (pipeline.NeedsImage)
            throw new ArgumentException("image-to-video models need a first frame, which a text request can't give; use CogVideoXPipeline.", nameof(pipeline));
        (_pipeline, _options) = (pipeline, (options ?? new()).Checked());
    }

    /// <summary>The model; disposed with this object.</summary>
    public CogVideoXPipeline Pipeline => _pipeline;

    /// <summary>Opens a diffusers folder: model_index.json, transformer, vae, text_encoder, tokenizer, scheduler.</summary>
    /// <param name="folder">As published for CogVideoX-2B, 5B or 1.5 text-to-video.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="Vpo.Models.Checkpoints.CheckpointException">A part is missing, damaged or not supported; the message names it.</exception>
    public static CogVideoXGenerator Open(string folder, CogVideoXOptions? options = null)
    {
        var chosen = (options ?? new()).Checked();
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return new(CogVideoXFolder.Open(folder, chosen), chosen with { ModelId = chosen.ModelId ?? name });
    }

    /// <inheritdoc/>
    public async Task<VideoClip> GenerateAsync(
        VideoRequest request, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default) =>
        (await GenerateBatchAsync([request], options, progress, cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VideoClip>> GenerateBatchAsync(
        IReadOnlyList<VideoRequest> requests, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (requests.Any(request => request.StartFrame is not null))
            throw new ArgumentException("expected requests of text alone, found one with a start frame: leave StartFrame null, or take an image-to-video model.", nameof(requests));
        var groups = Groups(requests, options);
        return await AloneAsync(() => Run(requests, groups, options, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Clips, the same ones, with the latents [N, F, C, h, w] they were decoded from, which the caller disposes of.</summary>
    internal Task<(Tensor Latents, IReadOnlyList<VideoClip> Clips)> SampleAsync(IReadOnlyList<VideoRequest> requests, VideoOptions? options, CancellationToken cancellationToken)
    {
        var groups = Groups(requests, options);
        return AloneAsync(() => Sample(requests, groups, options, cancellationToken), cancellationToken);
    }

    /// <summary>Disposes of the model. Calls in progress must have ended.</summary>
    public void Dispose()
    {
        _pipeline.Dispose();
        _one.Dispose();
    }

    /// <summary>The requests in batches, checked before any work.</summary>
    private List<GenerationBatch> Groups(IReadOnlyList<VideoRequest> requests, VideoOptions? options)
    {
        var plan = PlanFor(options ?? new());
        var groups = requests.Chunk(_options.BatchSize).Select(group => plan with
        {
            Prompts = [.. group.Select(request => request.Prompt)],
            NegativePrompts = plan.Guidance.IsOn ? [.. group.Select(request => request.NegativePrompt ?? "")] : null,
        }).ToList();
        foreach (var group in groups)
            _pipeline.Check(group);
        return groups;
    }

    /// <summary>One at a time, off the calling thread.</summary>
    private async Task<T> AloneAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    private (Tensor Latents, IReadOnlyList<VideoClip> Clips) Sample(IReadOnlyList<VideoRequest> requests, List<GenerationBatch> groups, VideoOptions? options, CancellationToken cancellationToken)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var (latents, clips) = (new List<Tensor>(), new List<VideoClip>());
        foreach (var group in groups)
        {
            using var noise = NoiseFor(requests.Skip(clips.Count).Take(group.Prompts.Count));
            using var inner = NewDisposeScope();
            var batch = group with { Noise = noise };
            latents.Add(_pipeline.Denoise(batch, _pipeline.EncodeText(batch, cancellationToken), null, cancellationToken).MoveToOuterDisposeScope());
            clips.AddRange(VideoClips.Of(_pipeline.Decode(batch, latents[^1], cancellationToken), options?.FramesPerSecond ?? _options.FramesPerSecond ?? Rate, _options.ModelId));
        }
        return (cat(latents.ToArray(), 0).cpu().DetachFromDisposeScope(), clips);
    }

    private static SeededNoise NoiseFor(IEnumerable<VideoRequest> requests) => new(requests.Select(request => request.Seed ?? 0));

    private List<VideoClip> Run(
        IReadOnlyList<VideoRequest> requests, List<GenerationBatch> groups, VideoOptions? options, IProgress<VideoProgress>? progress, CancellationToken cancellationToken)
    {
        var clips = new List<VideoClip>(requests.Count);
        var (rate, total) = (options?.FramesPerSecond ?? _options.FramesPerSecond ?? Rate, groups.Sum(group => group.Steps));
        foreach (var (group, i) in groups.Select((group, i) => (group, i)))
        {
            using var noise = NoiseFor(requests.Skip(clips.Count).Take(group.Prompts.Count));
            var offset = i * group.Steps;
            var part = progress is null ? null : new Offset(progress, offset, total);
            using var videos = _pipeline.Generate(group with { Noise = noise }, part, cancellationToken);
            clips.AddRange(VideoClips.Of(videos, rate, _options.ModelId));
        }
        return clips;
    }

    private double Rate => _pipeline.TransformerConfig.FramePatch is null ? FramesPerSecond : FramesPerSecondLater;

    private GenerationBatch PlanFor(VideoOptions options)
    {
        var (transformer, autoencoder) = (_pipeline.TransformerConfig, _pipeline.AutoencoderConfig);
        var usual = _options.Shape ?? VideoShape.Default(transformer, autoencoder);
        var shape = new VideoShape(options.FrameCount ?? usual.Frames, options.Height ?? usual.Height, options.Width ?? usual.Width);
        shape.CheckFrames(autoencoder);
        return new()
        {
            Prompts = [],
            Noise = new SeededNoise([]),
            Shape = shape,
            Steps = options.Steps ?? _options.Steps,
            Guidance = new(options.GuidanceScale ?? _options.GuidanceScale, _options.DynamicGuidance ?? transformer.Rotary),
            Sampler = _options.Sampler ?? (transformer.Rotary ? SamplerKind.Dpm : _pipeline.Schedule.Config.Sampler),
            Tiling = _options.Tiling,
            SplitGuidance = _options.SplitsGuidance,
            StepCache = _options.StepCache,
        };
    }

    /// <summary>The progress of one batch as part of all.</summary>
    private sealed class Offset(IProgress<VideoProgress> inner, int done, int total) : IProgress<VideoProgress>
    {
        public void Report(VideoProgress value) => inner.Report(new(done + value.Done, total, value.Status));
    }
}

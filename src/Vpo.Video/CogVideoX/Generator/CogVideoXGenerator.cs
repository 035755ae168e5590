using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>CogVideoX as a video generator. Runs one call at a time, off the calling thread.</summary>
public sealed class CogVideoXGenerator : IBatchVideoGenerator
{
    private const double FramesPerSecond = 8, FramesPerSecondLater = 16;
    private readonly CogVideoXPipeline _pipeline;
    private readonly CogVideoXOptions _options;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Lanes _lanes;

    /// <param name="pipeline">The model; disposed with this object.</param>
    /// <param name="options">Null: the defaults.</param>
    public CogVideoXGenerator(CogVideoXPipeline pipeline, CogVideoXOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        if (pipeline.NeedsImage)
            throw new ArgumentException("image-to-video models need a first frame, which a text request can't give; use CogVideoXPipeline.", nameof(pipeline));
        (_pipeline, _options) = (pipeline, (options ?? new()).Checked());
        _lanes = new(_options.Lanes);
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
        _lanes.Dispose();
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
        var rate = options?.FramesPerSecond ?? _options.FramesPerSecond ?? Rate;
        var total = progress is null ? null : new TotalProgress(progress, groups.Sum(group => group.Steps));
        var clips = new IReadOnlyList<VideoClip>[groups.Count];
        SideBySide(groups.Count, i =>
        {
            using var noise = NoiseFor(requests.Skip(i * _options.BatchSize).Take(groups[i].Prompts.Count));
            using var videos = _pipeline.Generate(groups[i] with { Noise = noise }, total?.Part(), cancellationToken);
            clips[i] = VideoClips.Of(videos, rate, _options.ModelId);
        });
        return [.. clips.SelectMany(some => some)];
    }

    /// <summary>Does job(0) to job(n−1), a lane taking the next when it is free; none is begun after a failure. A single one has all threads.</summary>
    private void SideBySide(int count, Action<int> job)
    {
        if (count == 1)
        {
            job(0);
            return;
        }
        var (next, failed) = (-1, false);
        _lanes.Run(Math.Min(_lanes.Count, count), _ =>
        {
            try
            {
                for (int i; !Volatile.Read(ref failed) && (i = Interlocked.Increment(ref next)) < count;)
                    job(i);
            }
            catch
            {
                Volatile.Write(ref failed, true);
                throw;
            }
        });
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

    /// <summary>The steps of all batches, some of which may run side by side.</summary>
    private sealed class TotalProgress(IProgress<VideoProgress> inner, int total)
    {
        private readonly Lock _lock = new();
        private int _done;

        /// <summary>Hears of one batch.</summary>
        public IProgress<VideoProgress> Part() => new OfBatch(this);

        private sealed class OfBatch(TotalProgress all) : IProgress<VideoProgress>
        {
            private int _reported;

            public void Report(VideoProgress value) => all.Add(value.Done - Interlocked.Exchange(ref _reported, value.Done), value.Status);
        }

        private void Add(int steps, string status)
        {
            lock (_lock)
                inner.Report(new(_done += steps, total, status));
        }
    }
}

using Vpo.Video.Files;

namespace Vpo.Video.Hosted;

/// <summary>Clips from a service: submit, poll, download. A request that was made before gives the clip that is there, or takes up its job.</summary>
internal sealed class VideoGenerator : IVideoGenerator
{
    /// <summary>The code of a job that its service has forgotten.</summary>
    internal const string Forgotten = "forgotten";
    private static readonly string[] Final = ["moderation", "policy", "safety", "sensitive", "nsfw", "content_filter", "invalid"];

    private readonly VideoService _service;
    private readonly HostedVideoOptions _options;
    private readonly TimeProvider _time;
    private readonly JobStore _store;
    private readonly JobSubmission _submission;
    private readonly JobWait _wait;
    private readonly ClipDownload _download;
    private readonly KeyedGate _requests = new();
    private readonly SemaphoreSlim _slots;

    public VideoGenerator(VideoService service, ServiceConnection connection, HostedVideoOptions options, TimeProvider time)
    {
        (_service, _options, _time) = (service, options, time);
        _store = new(Path.GetFullPath(options.Folder));
        _submission = new(service, _store, options, time);
        _wait = new(service, options, time);
        _download = new(service, connection, _store, options, time);
        _slots = new(options.MaxConcurrentJobs);
    }

    /// <inheritdoc/>
    public async Task<VideoClip> GenerateAsync(
        VideoRequest request, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var plan = VideoPlan.Of(request, options, _options.Defaults, _options.CapabilitiesOf(options?.ModelId ?? _options.Defaults.Model));
        _service.Check(plan);
        var id = plan.IdAt(_service.Name);
        using var alone = await _requests.EnterAsync(id, cancellationToken).ConfigureAwait(false);
        if (_store.ClipOf(_store.Find(id)) is not { } file)
        {
            await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                file = await MakeAsync(id, plan, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await CancelJobAsync(id).ConfigureAwait(false);
                throw;
            }
            finally
            {
                _slots.Release();
            }
        }
        return VideoFile.Open(file) with { ModelId = plan.Model ?? _service.Name, Prompt = plan.Prompt, Seed = plan.Seed };
    }

    /// <summary>Frees the folder for others. The client is the factory's.</summary>
    public void Dispose()
    {
        _store.Dispose();
        _submission.Dispose();
        _slots.Dispose();
    }

    private async Task<string> MakeAsync(string id, VideoPlan plan, IProgress<VideoProgress>? progress, CancellationToken cancellationToken)
    {
        var job = _store.Find(id);
        for (var failures = 0; ; failures++)
        {
            JobStatus? status = null;
            if (job is not { Phase: JobPhase.Submitted })
                (job, status) = await _submission.SubmitAsync(id, plan, NextAttempt(job), cancellationToken).ConfigureAwait(false);
            status = await EndOfAsync(job, status, progress, cancellationToken).ConfigureAwait(false);
            if (status is { State: JobState.Succeeded })
            {
                progress?.Report(new(1, 1, "downloading"));
                var (file, length) = await _download.FetchAsync(job, status, cancellationToken).ConfigureAwait(false);
                _store.Append(job with { Phase = JobPhase.Done, File = file, Length = length, Time = _time.GetUtcNow() });
                return _store.PathOf(file);
            }
            job = _store.Append(job with { Phase = JobPhase.Failed, Error = status?.Error, Time = _time.GetUtcNow() });
            if (failures >= _options.JobRetries || Final.Any(word => status?.Code?.Contains(word, StringComparison.OrdinalIgnoreCase) == true))
                throw new VideoGenerationException($"{_service.Name}: the job {job.JobId} failed: {status?.Error ?? "no reason given"} (prompt: {plan.Prompt})") { Code = status?.Code };
        }
    }

    /// <summary>How a job ended; null when the service has forgotten it and it costs nothing to give it again.</summary>
    private async Task<JobStatus?> EndOfAsync(VideoJob job, JobStatus? first, IProgress<VideoProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await _wait.UntilEndAsync(job, first, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (VideoGenerationException e) when (e.Code == Forgotten && (_service.IsFree || _options.SubmitsAgainWhenLost))
        {
            return new(JobState.Failed) { Error = e.Message };
        }
    }

    /// <summary>A lost submit is looked into under its own number; everything else is a new attempt.</summary>
    private static int NextAttempt(VideoJob? job) => job is null ? 0 : job.Phase == JobPhase.Submitting ? job.Attempt : job.Attempt + 1;

    private async Task CancelJobAsync(string id)
    {
        if (!_options.CancelsJobs || _store.Find(id) is not { Phase: JobPhase.Submitted } job)
            return;
        using var limit = new CancellationTokenSource(_options.CancelPatience, _time);
        try
        {
            if (await _service.CancelAsync(job, limit.Token).ConfigureAwait(false))
                _store.Append(job with { Phase = JobPhase.Canceled, Time = _time.GetUtcNow() });
        }
        catch (Exception e) when (e is ServiceException or OperationCanceledException)
        {
            // It goes on at the service; its id is kept, so the next call with the same request takes it up.
        }
    }
}

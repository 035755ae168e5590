namespace Vpo.Video.Hosted;

/// <summary>Submits jobs so that none is paid twice: the intent is on the disk first, a lost answer is looked into before anything is sent again.</summary>
/// <remarks>One at a time: what appears at the service while an answer is missing can only be that job.</remarks>
internal sealed class JobSubmission(VideoService service, JobStore store, HostedVideoOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Submits, or takes up what an earlier run may have submitted.</summary>
    /// <exception cref="VideoGenerationException">Refused, or it can't be told whether the job exists.</exception>
    public async Task<(VideoJob Job, JobStatus Status)> SubmitAsync(string id, VideoPlan plan, int attempt, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var key = ContentId.Of("submit", id, attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var earlier = store.Find(id);
            var wasLost = earlier is { Phase: JobPhase.Submitting } && earlier.Attempt == attempt;
            var job = wasLost ? earlier! : store.Append(new(id, service.Name, JobPhase.Submitting, attempt, time.GetUtcNow()) { Model = plan.Model, Prompt = plan.Prompt, Seed = plan.Seed });
            var found = wasLost ? await LookAsync(plan, job, key, "an earlier run ended before the answer came", cancellationToken).ConfigureAwait(false) : null;
            return Accept(job, found ?? await SendAsync(plan, job, key, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private (VideoJob, JobStatus) Accept(VideoJob job, JobStatus status) =>
        (store.Append(job with { Phase = JobPhase.Submitted, JobId = status.JobId, Links = status.Links, Time = time.GetUtcNow() }), status);

    private async Task<JobStatus> SendAsync(VideoPlan plan, VideoJob job, string key, CancellationToken cancellationToken)
    {
        // A request that is out gets a while to be answered although the call was cancelled: else nobody would know of the job.
        using var patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var onCancel = cancellationToken.Register(() => patience.CancelAfter(options.CancelPatience));
        for (var repetition = 0; ; repetition++)
        {
            try
            {
                return await service.SubmitAsync(plan, key, patience.Token).ConfigureAwait(false);
            }
            catch (ServiceException e) when (e.Failure == ServiceFailure.Unclear)
            {
                if (await LookAsync(plan, job, key, e.Message, cancellationToken).ConfigureAwait(false) is { } found)
                    return found;
                if (repetition >= options.Retries)
                    throw new VideoGenerationException($"{service.Name}: no usable answer to a submit. Make the same request again to go on. {e.Message}", e) { Code = e.Code };
                await Task.Delay(Backoff.Of(options, repetition), time, cancellationToken).ConfigureAwait(false);
            }
            catch (ServiceException e)
            {
                throw Refuse(job, e);
            }
        }
    }

    /// <summary>The job, if it exists; null if it may be sent again.</summary>
    private async Task<JobStatus?> LookAsync(VideoPlan plan, VideoJob job, string key, string reason, CancellationToken cancellationToken)
    {
        if (service.RepeatsSafely)
            return null;
        var search = await SearchAsync(plan, job, key, cancellationToken).ConfigureAwait(false);
        return search.Outcome switch
        {
            SearchOutcome.Found => search.Status,
            SearchOutcome.Absent => null,
            _ when options.SubmitsAgainWhenLost => null,
            _ => throw new VideoGenerationException(
                $"{service.Name}: the answer to a submit was lost ({reason}), and it can't be found out whether the job exists and is charged. Nothing was sent again. {service.WhenLost}; set SubmitsAgainWhenLost to send such jobs again (prompt: {plan.Prompt})."),
        };
    }

    private async Task<JobSearch> SearchAsync(VideoPlan plan, VideoJob job, string key, CancellationToken cancellationToken)
    {
        for (var repetition = 0; ; repetition++)
        {
            try
            {
                return await service.FindAsync(plan, job, key, store.Knows, cancellationToken).ConfigureAwait(false);
            }
            catch (ServiceException) when (repetition < options.Retries)
            {
                await Task.Delay(Backoff.Of(options, repetition), time, cancellationToken).ConfigureAwait(false);
            }
            catch (ServiceException)
            {
                return JobSearch.Unknown;
            }
        }
    }

    private VideoGenerationException Refuse(VideoJob job, ServiceException e)
    {
        store.Append(job with { Phase = JobPhase.Refused, Error = e.Message, Time = time.GetUtcNow() });
        return new(e.Message, e) { Code = e.Code };
    }
}

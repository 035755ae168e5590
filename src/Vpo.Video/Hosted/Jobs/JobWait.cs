namespace Vpo.Video.Hosted;

/// <summary>Asks for a job until it has ended, ever more seldom.</summary>
internal sealed class JobWait(VideoService service, HostedVideoOptions options, TimeProvider time)
{
    private const double Growth = 1.5;
    private const int Whole = 100;

    /// <exception cref="VideoGenerationException">The time is up, the service no longer knows the job, or gives no usable answers.</exception>
    public async Task<JobStatus> UntilEndAsync(VideoJob job, JobStatus? first, IProgress<VideoProgress>? progress, CancellationToken cancellationToken)
    {
        var (start, wait, failures, status) = (time.GetTimestamp(), options.PollInterval, 0, first);
        while (true)
        {
            if (status is { State: JobState.Succeeded or JobState.Failed })
                return status;
            if (status is not null)
                progress?.Report(new(status.Percent ?? 0, status.Percent is null ? 0 : Whole, status.State == JobState.Queued ? "queued" : "rendering"));
            if (status is not null || failures > 0)
                await Task.Delay(Next(status?.AskAgain, ref wait), time, cancellationToken).ConfigureAwait(false);
            if (time.GetElapsedTime(start) > options.JobTimeout)
                throw new VideoGenerationException($"{service.Name}: the job {job.JobId} was not done within {options.JobTimeout}. It goes on; make the same request again to wait for it.");
            try
            {
                (status, failures) = (await service.PollAsync(job, cancellationToken).ConfigureAwait(false), 0);
            }
            catch (ServiceException e)
            {
                if (++failures > options.Retries || e.Failure == ServiceFailure.Refused)
                    throw Lost(job, e);
                status = null;
            }
        }
    }

    private TimeSpan Next(TimeSpan? wish, ref TimeSpan wait)
    {
        var now = wish ?? wait;
        wait = wait * Growth < options.MaxPollInterval ? wait * Growth : options.MaxPollInterval;
        return now < options.MaxPollInterval ? now : options.MaxPollInterval;
    }

    private VideoGenerationException Lost(VideoJob job, ServiceException e) => e.Failure == ServiceFailure.Gone
        ? new($"{service.Name}: it no longer knows the job {job.JobId}, which may have been charged. Delete its lines from jobs.jsonl to submit it anew. {e.Message}", e) { Code = VideoGenerator.Forgotten }
        : new($"{service.Name}: can't learn how far the job {job.JobId} is. Make the same request again to wait for it. {e.Message}", e) { Code = e.Code };
}

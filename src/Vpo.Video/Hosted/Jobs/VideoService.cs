namespace Vpo.Video.Hosted;

/// <summary>One provider: turns plans into requests and answers into states. Knows nothing of files, waits and repetitions.</summary>
internal abstract class VideoService(ServiceConnection connection)
{
    /// <summary>Requests to the provider.</summary>
    protected ServiceConnection Connection { get; } = connection;

    /// <summary>For reports and ids: kind and host.</summary>
    public string Name => $"{Kind} at {Connection.Host}";

    /// <summary>Its kind, in a word.</summary>
    protected abstract string Kind { get; }

    /// <summary>Whether a submit with the same key gives the same job again.</summary>
    public virtual bool RepeatsSafely => false;

    /// <summary>Whether a service that has forgotten a job may simply be given it again: true where jobs cost nothing.</summary>
    public virtual bool IsFree => false;

    /// <summary>What to do about a job whose submit was not answered and that can't be found.</summary>
    public virtual string WhenLost => "Look at the service's own list of jobs";

    /// <summary>Writes the request without sending it: what it has no field for is refused before anything else happens.</summary>
    /// <exception cref="ArgumentException">The service can't be told a value of the plan.</exception>
    public abstract void Check(VideoPlan plan);

    /// <summary>Requests a job.</summary>
    /// <param name="plan">What to make.</param>
    /// <param name="key">The same for every repetition of one attempt.</param>
    /// <param name="cancellationToken">Ends the request, not the job.</param>
    public abstract Task<JobStatus> SubmitAsync(VideoPlan plan, string key, CancellationToken cancellationToken);

    /// <summary>Asks how far a job is.</summary>
    public abstract Task<JobStatus> PollAsync(VideoJob job, CancellationToken cancellationToken);

    /// <summary>The request for the clip.</summary>
    public virtual HttpRequestMessage Download(VideoJob job, JobStatus status) =>
        new(HttpMethod.Get, Connection.At(status.Link ?? throw new ServiceException(ServiceFailure.Unclear, $"{Name}: the job {job.JobId} is done, but its answer holds no link to a video.")));

    /// <summary>Cancels a job.</summary>
    /// <returns>Whether it was cancelled; false where that can't be.</returns>
    public virtual Task<bool> CancelAsync(VideoJob job, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Looks for a job whose submit was not answered.</summary>
    /// <param name="plan">What was submitted.</param>
    /// <param name="job">The line written before, with its time.</param>
    /// <param name="key">The key of the submit.</param>
    /// <param name="isKnown">Whether a job belongs to another request.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public virtual Task<JobSearch> FindAsync(VideoPlan plan, VideoJob job, string key, Func<string, bool> isKnown, CancellationToken cancellationToken) => Task.FromResult(JobSearch.Unknown);
}

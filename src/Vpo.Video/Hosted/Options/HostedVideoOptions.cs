using System.Text.Json.Serialization;

namespace Vpo.Video.Hosted;

/// <summary>What all services have in common. Checked when the host starts.</summary>
public abstract class HostedVideoOptions
{
    private protected HostedVideoOptions(string? baseAddress, string? apiKeyVariable, bool needsKey)
    {
        BaseAddress = baseAddress is null ? null : new(baseAddress);
        (ApiKeyVariable, NeedsKey) = (apiKeyVariable, needsKey);
    }

    /// <summary>Where clips and the file of jobs (jobs.jsonl) are kept; what is there is neither paid nor fetched again. One generator at a time can use it. Required.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Where the service is.</summary>
    public Uri? BaseAddress { get; set; }

    /// <summary>The key; null: the one in <see cref="ApiKeyVariable"/>. Never written to logs, messages or files.</summary>
    [JsonIgnore]
    public string? ApiKey { get; set; }

    /// <summary>The environment variable that holds the key.</summary>
    public string? ApiKeyVariable { get; set; }

    /// <summary>What calls take when they leave it open.</summary>
    public VideoDefaults Defaults { get; } = new();

    /// <summary>What the model can do; null: what <see cref="VideoModels.Find"/> knows of its name.</summary>
    [JsonIgnore]
    public VideoCapabilities? Capabilities { get; set; }

    /// <summary>Jobs at the service at a time. Default 8.</summary>
    public int MaxConcurrentJobs { get; set; } = 8;

    /// <summary>The first wait before a job is asked for; grows by half each time. Default 2 s.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait between two questions. Default 20 s.</summary>
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long to wait for one job. Default an hour. The job goes on; the next call with the same request waits for it again.</summary>
    public TimeSpan JobTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long to wait for an answer, or for the next bytes of a download. Default 100 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>How often to repeat a request that failed in passing (429, 5xx, lost connections). Default 6.</summary>
    public int Retries { get; set; } = 6;

    /// <summary>The first wait before a repetition; doubles, up to half a minute; a Retry-After of the service goes before it. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often to submit a job again that failed at the service (such jobs are not charged by the services known here). Refusals for content are final. Default 2.</summary>
    public int JobRetries { get; set; } = 2;

    /// <summary>Whether cancelling a call also cancels its job at the service. Default true; false leaves it running, and the next call with the same request takes it up.</summary>
    public bool CancelsJobs { get; set; } = true;

    /// <summary>How long a cancelled call still waits for the service: for the answer to a submit that is out, and for that to the request to cancel its job. Default 30 s.</summary>
    public TimeSpan CancelPatience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What happens when the answer to a submit was lost and the service has no way to find out whether the job exists. Default false: the call fails, so that nothing is paid twice.
    /// True: the job is submitted again; right for servers of your own.
    /// </summary>
    public bool SubmitsAgainWhenLost { get; set; }

    private bool NeedsKey { get; }

    /// <summary>The key, from wherever it is.</summary>
    internal string? Key => ApiKey is { Length: > 0 } ? ApiKey : ApiKeyVariable is { Length: > 0 } ? Environment.GetEnvironmentVariable(ApiKeyVariable) : null;

    /// <summary>What the model can do, as far as the service can be told of it.</summary>
    internal virtual VideoCapabilities CapabilitiesOf(string? model) => Capabilities ?? VideoModels.Find(model);

    internal virtual IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Folder))
            yield return "Folder: expected the folder for clips and jobs, found nothing";
        if (BaseAddress is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            yield return $"BaseAddress: expected an http or https address, found {BaseAddress?.ToString() ?? "nothing"}";
        if (NeedsKey && string.IsNullOrWhiteSpace(Key))
            yield return $"ApiKey: expected a key here or in the environment variable {ApiKeyVariable}, found none";
        if (MaxConcurrentJobs < 1)
            yield return $"MaxConcurrentJobs: expected 1 or more, found {MaxConcurrentJobs}";
        if (PollInterval <= TimeSpan.Zero || MaxPollInterval < PollInterval)
            yield return $"PollInterval, MaxPollInterval: expected the first above 0 and not above the second, found {PollInterval} and {MaxPollInterval}";
        if (JobTimeout <= TimeSpan.Zero || RequestTimeout <= TimeSpan.Zero || RetryDelay < TimeSpan.Zero)
            yield return $"JobTimeout, RequestTimeout, RetryDelay: expected times above 0, found {JobTimeout}, {RequestTimeout}, {RetryDelay}";
        if (Retries is < 0 or > 100 || JobRetries is < 0 or > 100)
            yield return $"Retries, JobRetries: expected 0 to 100, found {Retries} and {JobRetries}";
    }
}

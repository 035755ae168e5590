namespace Vpo.Video.Hosted;

/// <summary>What a service says of a job.</summary>
internal enum JobState
{
    Queued,
    Running,
    Succeeded,
    Failed,
}

/// <summary>An answer of a service.</summary>
/// <param name="State">How far it is.</param>
internal sealed record JobStatus(JobState State)
{
    /// <summary>The service's id of the job.</summary>
    public string? JobId { get; init; }

    /// <summary>From 0 to 100; null when it does not say.</summary>
    public int? Percent { get; init; }

    /// <summary>Where the clip is; null when that follows from the id.</summary>
    public string? Link { get; init; }

    /// <summary>Addresses to keep for this job.</summary>
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    /// <summary>When the service wants to be asked again.</summary>
    public TimeSpan? AskAgain { get; init; }

    public string? Code { get; init; }
    public string? Error { get; init; }
}

/// <summary>What a search for a job whose submit was not answered found.</summary>
internal enum SearchOutcome
{
    /// <summary>It can't be told.</summary>
    Unknown,

    /// <summary>It exists.</summary>
    Found,

    /// <summary>It does not exist: submitting it again pays nothing twice.</summary>
    Absent,
}

/// <param name="Outcome">What was found.</param>
/// <param name="Status">The job, when it exists.</param>
internal sealed record JobSearch(SearchOutcome Outcome, JobStatus? Status = null)
{
    public static readonly JobSearch Unknown = new(SearchOutcome.Unknown), Absent = new(SearchOutcome.Absent);
}

using System.Net;

namespace Vpo.Video.Hosted;

/// <summary>What a failed request means for the job.</summary>
internal enum ServiceFailure
{
    /// <summary>The service understood and declined: it will do so again.</summary>
    Refused,

    /// <summary>The service was too busy and did nothing.</summary>
    Busy,

    /// <summary>No usable answer: the request may have had its effect.</summary>
    Unclear,

    /// <summary>What was asked for does not exist, or no longer.</summary>
    Gone,
}

/// <summary>A request that did not get a usable answer.</summary>
internal sealed class ServiceException(ServiceFailure failure, string message, Exception? cause = null) : Exception(message, cause)
{
    public ServiceFailure Failure { get; } = failure;

    /// <summary>The service's own code.</summary>
    public string? Code { get; init; }

    public static ServiceFailure Of(HttpStatusCode status) => (int)status switch
    {
        404 or 410 => ServiceFailure.Gone,
        429 or 503 => ServiceFailure.Busy,
        408 or >= 500 => ServiceFailure.Unclear,
        _ => ServiceFailure.Refused,
    };
}

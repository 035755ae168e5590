using System.ClientModel;
using System.Globalization;
using System.Net;

namespace Vpo;

/// <summary>Which failures of a call may pass by themselves.</summary>
internal static class CallFailures
{
    private const int RequestTimeout = 408;
    private const int Conflict = 409;
    private const int TooEarly = 425;
    private const int TooManyRequests = 429;
    private const int ServerErrors = 500;

    /// <summary>Time-outs, cut or garbled answers, refused connections, and the statuses 408, 409, 425, 429 and 500 or above. Other statuses, and bad arguments, are the caller's.</summary>
    /// <param name="failure">What the call threw.</param>
    /// <param name="asked">The caller's token: a cancellation that the caller did not ask for is a time-out of the client below.</param>
    internal static bool MayPass(Exception failure, CancellationToken asked) => failure switch
    {
        AggregateException { InnerExceptions: [.., var last] } => MayPass(last, asked),
        ClientResultException { Status: not 0 } known => MayPass(known.Status),
        HttpRequestException { StatusCode: { } status } => MayPass((int)status),
        OperationCanceledException => !asked.IsCancellationRequested,
        ArgumentException or ObjectDisposedException or NotSupportedException or NullReferenceException => false,
        _ => true,
    };

    /// <summary>How long the service asks to be left alone: seconds or a date in Retry-After, milliseconds in retry-after-ms; null when it does not ask.</summary>
    internal static TimeSpan? RetryAfter(Exception? failure, TimeProvider time)
    {
        var headers = (failure as ClientResultException)?.GetRawResponse()?.Headers;
        if (headers is null)
            return null;
        if (headers.TryGetValue("retry-after-ms", out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds >= 0)
            return TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue));
        if (!headers.TryGetValue("Retry-After", out text))
            return null;
        if (double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0)
            return TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue / 1000));
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var date) && date - time.GetUtcNow() is { Ticks: > 0 } wait ? wait : null;
    }

    private static bool MayPass(int status) => status is RequestTimeout or Conflict or TooEarly or TooManyRequests or >= ServerErrors || status == (int)HttpStatusCode.OK;
}

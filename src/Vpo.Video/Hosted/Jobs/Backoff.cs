namespace Vpo.Video.Hosted;

/// <summary>Waits that double.</summary>
internal static class Backoff
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private const int MostDoublings = 20;

    public static TimeSpan Of(HostedVideoOptions options, int repetition)
    {
        var wait = options.RetryDelay * Math.Pow(2, Math.Min(repetition, MostDoublings));
        return wait < Longest ? wait : Longest;
    }
}

using Microsoft.Extensions.AI;

namespace Vpo;

/// <summary>How calls to a chat model are kept going; see <see cref="ChatCallExtensions.UseRobustCalls"/>.</summary>
public sealed record CallOptions
{
    /// <summary>How often a call that failed is made again; default 6.</summary>
    public int Retries { get; init; } = 6;

    /// <summary>Wait before the first retry; doubles each time, with jitter. Default 1 s. A Retry-After of the service goes before it.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between two attempts, a Retry-After included; default 60 s.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest time of one attempt; default 120 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Most calls at a time; default 16.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>Most attempts in a minute; null: no limit.</summary>
    public int? PerMinute { get; init; }

    /// <summary>Share of failed attempts, above 0 to 1, from which on the service is left alone for <see cref="BreakDuration"/>; null: never. Default 0.9 of at least <see cref="BreakAfter"/> attempts in 30 s.</summary>
    public double? BreakRatio { get; init; } = 0.9;

    /// <summary>Fewest attempts that can break the circuit; default 20.</summary>
    public int BreakAfter { get; init; } = 20;

    /// <summary>How long the circuit stays open; default 15 s.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Folder of kept answers; null: none are kept. See <see cref="ChatCallExtensions.UseResponseCache"/>.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Where tokens and costs are counted; null: nowhere.</summary>
    public CostLedger? Ledger { get; init; }

    /// <summary>The stage that the ledger counts for; default "chat".</summary>
    public string Stage { get; init; } = "chat";

    /// <summary>Which answers are good enough to end the retries and to be kept. Null: those with text that were not cut off.</summary>
    public Func<ChatResponse, bool>? Accept { get; init; }

    internal bool IsAccepted(ChatResponse response) => Accept?.Invoke(response) ?? (response.Text.Length > 0 && response.FinishReason != ChatFinishReason.Length);
}

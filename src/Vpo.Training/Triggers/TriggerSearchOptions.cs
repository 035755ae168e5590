namespace Vpo.Training;

/// <summary>How a <see cref="TriggerSearch"/> runs. The defaults suit a model of a million parameters.</summary>
public sealed record TriggerSearchOptions
{
    /// <summary>Triggers; at least 1, default 3.</summary>
    public int Count { get; init; } = 3;

    /// <summary>Tokens of one position that are tried in a step, the best by the gradient; at least 1, default 10.</summary>
    public int Candidates { get; init; } = 10;

    /// <summary>Examples of the gradient, and as many others that candidates are tried on; at least 1, default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Examples by which the triggers to keep are chosen, and which the search itself does not see; default 128, at most half of all.</summary>
    public int Held { get; init; } = 128;

    /// <summary>Steps, each of which looks at one position, in turn; default 15.</summary>
    public int Steps { get; init; } = 15;

    /// <summary>Of the first triggers and of the batches.</summary>
    public long Seed { get; init; }

    /// <summary>Threads of the products of <see cref="TriggerWords.FindAsync"/>; null leaves what libtorch chose. Tiny models are fastest with 1.</summary>
    public int? Threads { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Candidates, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Held, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Steps);
    }
}

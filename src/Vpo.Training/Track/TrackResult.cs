using System.Text.Json;
using Vpo.Statistics;
using Vpo.Storage;

namespace Vpo.Training.Track;

/// <summary>What a method's prompts for the held-out queries are like. Shares and means with 95 % intervals.</summary>
/// <param name="Method">base, sft or dpo.</param>
public sealed record TrackRow(string Method)
{
    /// <summary>Mean share of the query's atoms that the prompt keeps.</summary>
    public required Estimate Coverage { get; init; }

    /// <summary>The same over those outputs that are prompts at all: 40 to 170 words that do not hold the query word for word. Null where there is none.</summary>
    public Estimate? CoverageOfPrompts { get; init; }

    /// <summary>Share of good prompts (<see cref="PromptQuality.IsGood"/>).</summary>
    public required Estimate Good { get; init; }

    /// <summary>Mean over prompts of log p(query | prompt) less log p(query | another query's prompt) under the untouched base, nats a token.</summary>
    public required Estimate Likelihood { get; init; }

    /// <summary>Mean share of three-word sequences that were there before.</summary>
    public required Estimate Repetition { get; init; }

    /// <summary>Share of prompts that decline.</summary>
    public required Estimate Refusals { get; init; }

    /// <summary>Share of prompts with harmful vocabulary.</summary>
    public required Estimate Unsafe { get; init; }

    /// <summary>Share of prompts that ended.</summary>
    public required Estimate Ended { get; init; }

    /// <summary>Mean words.</summary>
    public required Estimate Words { get; init; }
}

/// <summary>The change from one method to the next, query by query, in the figures of <see cref="TrackRow"/>.</summary>
/// <param name="From">The earlier method.</param>
/// <param name="To">The later one.</param>
/// <param name="Changes">By the figure's name, with 95 % intervals.</param>
public sealed record TrackChange(string From, string To, IReadOnlyDictionary<string, Estimate> Changes);

/// <summary>How a lesson went: means over the first and the last quarter of its steps.</summary>
/// <param name="Lesson">sft or dpo.</param>
/// <param name="Steps">How many.</param>
/// <param name="FirstLoss">Mean loss at the beginning.</param>
/// <param name="LastLoss">Mean loss at the end.</param>
public sealed record TrackLesson(string Lesson, int Steps, double FirstLoss, double LastLoss)
{
    /// <summary>Reward margin at the end; null in SFT.</summary>
    public double? Margin { get; init; }

    /// <summary>Share of pairs told apart at the end; null in SFT.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Change of the chosen prompts' log-probability at the end, nats a prompt; null in SFT.</summary>
    public double? ChosenDrift { get; init; }
}

/// <summary>The outcome of a track (results.json).</summary>
public sealed record TrackResult
{
    /// <summary>One a method, in the order of training.</summary>
    public required IReadOnlyList<TrackRow> Rows { get; init; }

    /// <summary>Between neighbours of <see cref="Rows"/>.</summary>
    public required IReadOnlyList<TrackChange> Changes { get; init; }

    /// <summary>How the two lessons went.</summary>
    public required IReadOnlyList<TrackLesson> Lessons { get; init; }

    /// <summary>Verdicts of the atom judge on the samples.</summary>
    public required VerdictCounts Samples { get; init; }

    /// <summary>Pairs that were mined; at most <see cref="TrackOptions.MostPairs"/> of them were learnt.</summary>
    public required int Pairs { get; init; }

    /// <summary>Mean words of chosen and of rejected prompts: a difference would teach length.</summary>
    public required IReadOnlyList<double> PairWords { get; init; }

    /// <summary>Seconds of each stage in this process; a stage that was done before takes next to none.</summary>
    public required IReadOnlyDictionary<string, double> Seconds { get; init; }

    /// <summary>The adapter's folder.</summary>
    public required string Adapter { get; init; }

    /// <summary>Writes it as JSON.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, TrackJson.Readable.TrackResult));
}

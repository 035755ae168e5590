using Vpo.Statistics;

namespace Vpo;

/// <summary>One method's line of the table, on the held-out queries. Shares are from 0 to 1.</summary>
public sealed record EvaluationRow
{
    /// <summary>"original", "few-shot", "sft", "vpo", "vpo-round-2" ...</summary>
    public required string Method { get; init; }

    /// <summary>Mean video reward with a 95 % interval (bootstrap over queries); null when nothing could be scored.</summary>
    public Estimate? VideoReward { get; init; }

    /// <summary>Share of prompts that the evaluation judge found aligned. The five shares add up to 1.</summary>
    public required double Aligned { get; init; }

    /// <summary>Share found unsafe.</summary>
    public required double Unsafe { get; init; }

    /// <summary>Share found imprecise; misaligned prompts of a judge that names no class count here.</summary>
    public required double Imprecise { get; init; }

    /// <summary>Share found to decline.</summary>
    public required double Refusal { get; init; }

    /// <summary>Share on which the judge gave no readable verdict.</summary>
    public required double Unclear { get; init; }

    /// <summary>Means of the reward's dimensions over all scored clips.</summary>
    public IReadOnlyDictionary<string, double> Dimensions { get; init; } = new Dictionary<string, double>();

    /// <summary>Share of yes among the readable answers to each question of the checklist.</summary>
    public IReadOnlyDictionary<string, double> Questions { get; init; } = new Dictionary<string, double>();

    /// <summary>Share of different prompts among all: it falls when an optimizer collapses.</summary>
    public double Distinct { get; init; }

    /// <summary>Clips that could not be scored.</summary>
    public int Unscored { get; init; }

    /// <summary>Share of prompts on which the training judge disagrees about aligned or not; null where it was not asked.</summary>
    public double? Disagreement { get; init; }

    /// <summary>The shares above and of "distinct", by name, with 95 % intervals and n (Wilson over prompts; in a table over seeds Student's t over runs).</summary>
    public IReadOnlyDictionary<string, Estimate> ShareIntervals { get; init; } = new Dictionary<string, Estimate>();

    /// <summary>The dimensions' means with 95 % intervals (bootstrap over queries).</summary>
    public IReadOnlyDictionary<string, Estimate> DimensionIntervals { get; init; } = new Dictionary<string, Estimate>();

    /// <summary>The questions' shares of yes with 95 % intervals (Wilson over clips).</summary>
    public IReadOnlyDictionary<string, Estimate> QuestionIntervals { get; init; } = new Dictionary<string, Estimate>();
}

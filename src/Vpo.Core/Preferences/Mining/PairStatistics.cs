using Vpo.Statistics;

namespace Vpo.Mining;

/// <summary>What a list of pairs teaches beside what it is meant to: how many there are, how clear they are, how long.</summary>
public sealed record PairStatistics
{
    /// <summary>All pairs.</summary>
    public required int Pairs { get; init; }

    /// <summary>Text-level ones.</summary>
    public required int Text { get; init; }

    /// <summary>Video-level ones.</summary>
    public required int Video { get; init; }

    /// <summary>Different queries.</summary>
    public required int Queries { get; init; }

    /// <summary>How many pairs have each <see cref="PreferencePair.Reason"/> of a judge; the most frequent first.</summary>
    public required IReadOnlyList<(string Reason, int Count)> Reasons { get; init; }

    /// <summary>Margins of video-level pairs, in the order of the pairs.</summary>
    public required IReadOnlyList<double> Margins { get; init; }

    /// <summary>Mean words of chosen prompts, with a 95 % interval; null without pairs.</summary>
    public Estimate? ChosenWords { get; init; }

    /// <summary>Mean words of rejected prompts.</summary>
    public Estimate? RejectedWords { get; init; }

    /// <summary>Share of pairs whose chosen prompt has more words than the rejected one: far from a half, length alone tells which is better.</summary>
    public Estimate? ChosenLonger { get; init; }

    /// <summary>Counts and measures.</summary>
    public static PairStatistics Of(IReadOnlyList<PreferencePair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        double[] chosen = [.. pairs.Select(p => (double)VideoPreferences.WordCount(p.Chosen))], rejected = [.. pairs.Select(p => (double)VideoPreferences.WordCount(p.Rejected))];
        var text = pairs.Where(p => p.Source == FeedbackSource.Text).ToList();
        return new()
        {
            Pairs = pairs.Count,
            Text = text.Count,
            Video = pairs.Count - text.Count,
            Queries = pairs.Select(p => p.Query).Distinct(StringComparer.Ordinal).Count(),
            Reasons = [.. text.GroupBy(p => p.Reason).Select(g => (g.Key, g.Count())).OrderByDescending(r => r.Item2).ThenBy(r => r.Key, StringComparer.Ordinal)],
            Margins = [.. pairs.Where(p => p.Source == FeedbackSource.Video).Select(p => p.Margin)],
            ChosenWords = pairs.Count == 0 ? null : Bootstrap.Mean(chosen),
            RejectedWords = pairs.Count == 0 ? null : Bootstrap.Mean(rejected),
            ChosenLonger = pairs.Count == 0 ? null : Proportion.Wilson(chosen.Zip(rejected).Count(w => w.First > w.Second), pairs.Count),
        };
    }
}

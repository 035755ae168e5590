using System.Globalization;

namespace Vpo;

/// <summary>Video-level pairs: of two prompts for a query, the one whose video scored higher (paper section 3.2).</summary>
public static class VideoPreferences
{
    /// <summary>Mines the pairs of one query.</summary>
    /// <param name="samples">The query's prompts with their scores, in the order they were sampled.</param>
    /// <param name="options">Which pairs are admissible, and which are taken.</param>
    public static IReadOnlyList<PreferencePair> Mine(IReadOnlyList<ScoredPrompt> samples, PairOptions options)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(options);
        return Mine(samples, options, (chosen, rejected) => chosen.Prompt != rejected.Prompt);
    }

    internal static IReadOnlyList<PreferencePair> Mine(IReadOnlyList<ScoredPrompt> samples, PairOptions options, Func<ScoredPrompt, ScoredPrompt, bool> differ)
    {
        var admissible = Candidates(samples, options).Where(c => differ(c.Chosen, c.Rejected) && Obstacle(c.Chosen, c.Rejected, options) is null);
        return options.Selection switch
        {
            PairSelection.First => [.. admissible.Take(1).Select(Pair)],
            PairSelection.BestWorst => [.. admissible.OrderByDescending(c => c.Chosen.Score.Score - c.Rejected.Score.Score).Take(1).Select(Pair)],
            _ => [.. admissible.Select(Pair)],
        };
    }

    private static IEnumerable<(ScoredPrompt Chosen, ScoredPrompt Rejected)> Candidates(IReadOnlyList<ScoredPrompt> samples, PairOptions options)
    {
        if (options.Selection != PairSelection.Neighbours)
            return samples.SelectMany(_ => samples, (chosen, rejected) => (chosen, rejected));
        List<ScoredPrompt> sorted = [.. samples.OrderByDescending(s => s.Score.Score)];
        return sorted.Zip(sorted.Skip(1));
    }

    /// <summary>The first rule, in the order of <see cref="PairObstacle"/>, that keeps two samples from being a pair; null for none.</summary>
    internal static PairObstacle? Obstacle(ScoredPrompt chosen, ScoredPrompt rejected, PairOptions options)
    {
        if (!(chosen.Score.Score - rejected.Score.Score > options.Gap))
            return PairObstacle.Gap;
        if (chosen.Score.Score < options.ScoreFloor)
            return PairObstacle.ScoreFloor;
        if (WordCount(chosen.Prompt) > options.MaxWords)
            return PairObstacle.Length;
        if (!options.DimensionFloors.All(f => chosen.Score.Dimensions.TryGetValue(f.Key, out var value) && value >= f.Value))
            return PairObstacle.DimensionFloor;
        return VideoDominance.Holds(chosen.Score, rejected.Score, options.Dominance) ? null : PairObstacle.Dominance;
    }

    internal static int WordCount(string prompt) => prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    private static PreferencePair Pair((ScoredPrompt Chosen, ScoredPrompt Rejected) c)
    {
        var (high, low) = (c.Chosen.Score.Score, c.Rejected.Score.Score);
        return new()
        {
            Query = c.Chosen.Query,
            Chosen = c.Chosen.Prompt,
            Rejected = c.Rejected.Prompt,
            Source = FeedbackSource.Video,
            Margin = high - low,
            Reason = string.Create(CultureInfo.InvariantCulture, $"video scores {high:0.###} against {low:0.###}"),
        };
    }
}

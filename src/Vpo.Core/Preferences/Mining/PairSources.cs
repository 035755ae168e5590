namespace Vpo.Mining;

/// <summary>What pairs are made from.</summary>
public sealed record PairSources
{
    /// <summary>Verdicts with refined prompts: text-level pairs, and which prompts passed.</summary>
    public IReadOnlyList<VerdictRecord> Verdicts { get; init; } = [];

    /// <summary>Replies of the released program's refiner: text-level pairs.</summary>
    public IReadOnlyList<ReleasedReply> Replies { get; init; } = [];

    /// <summary>Scores of clips, samples that are compared with each other together: video-level pairs.</summary>
    public IReadOnlyList<IReadOnlyList<ScoredPrompt>> Groups { get; init; } = [];

    /// <summary>Clips without a score.</summary>
    public int Unscored { get; init; }

    /// <summary>Pairs that were made elsewhere, of both kinds.</summary>
    public IReadOnlyList<PreferencePair> Ready { get; init; } = [];

    /// <summary>Samples of one query together. Several clips of one prompt become one sample with the means of score and dimensions, and without answers, which have no mean.</summary>
    public static IReadOnlyList<IReadOnlyList<ScoredPrompt>> ByQuery(IEnumerable<ScoredPrompt> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return [.. samples.GroupBy(s => s.Query, StringComparer.Ordinal).Select(query => (IReadOnlyList<ScoredPrompt>)[.. query.GroupBy(s => s.Prompt, StringComparer.Ordinal).Select(Mean)])];
    }

    private static ScoredPrompt Mean(IEnumerable<ScoredPrompt> clips)
    {
        ScoredPrompt[] all = [.. clips];
        if (all.Length == 1)
            return all[0];
        var names = all[0].Score.Dimensions.Keys.Where(name => all.All(c => c.Score.Dimensions.ContainsKey(name)));
        return all[0] with
        {
            Score = new()
            {
                Score = all.Average(c => c.Score.Score),
                Dimensions = names.ToDictionary(name => name, name => all.Average(c => c.Score.Dimensions[name])),
                RewardId = all[0].Score.RewardId,
            },
        };
    }
}

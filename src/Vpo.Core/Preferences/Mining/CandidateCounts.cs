using static System.FormattableString;

namespace Vpo.Mining;

/// <summary>Of all twos of a group with different scores, how many may be pairs, and what keeps the others from it: the first rule that they break.</summary>
internal static class CandidateCounts
{
    public static IEnumerable<PairStep> Of(IEnumerable<IReadOnlyList<ScoredPrompt>> groups, PairOptions options, bool equalPrompts)
    {
        var (candidates, alike, admissible) = (0, 0, 0);
        var kept = new Dictionary<PairObstacle, int>();
        foreach (var (chosen, rejected) in groups.SelectMany(Twos))
        {
            candidates++;
            if (!equalPrompts && chosen.Prompt == rejected.Prompt)
                alike++;
            else if (VideoPreferences.Obstacle(chosen, rejected, options) is { } obstacle)
                kept[obstacle] = kept.GetValueOrDefault(obstacle) + 1;
            else
                admissible++;
        }
        yield return new("candidates", candidates, "twos of a group, the better score first");
        if (alike > 0)
            yield return new("  the same prompt", alike, "nothing to learn");
        foreach (var (obstacle, count) in kept.OrderBy(k => k.Key))
            yield return new($"  {Name(obstacle)}", count, Says(obstacle, options));
        yield return new("  admissible", admissible, "break no rule");
    }

    private static IEnumerable<(ScoredPrompt Chosen, ScoredPrompt Rejected)> Twos(IReadOnlyList<ScoredPrompt> group) =>
        group.SelectMany(_ => group, (a, b) => (a, b)).Where(p => p.a.Score.Score > p.b.Score.Score);

    private static string Name(PairObstacle obstacle) => obstacle switch
    {
        PairObstacle.Gap => "too near",
        PairObstacle.ScoreFloor => "below the floor",
        PairObstacle.Length => "too long",
        PairObstacle.DimensionFloor => "below a dimension's floor",
        _ => "no dominance",
    };

    private static string Says(PairObstacle obstacle, PairOptions options) => obstacle switch
    {
        PairObstacle.Gap => Invariant($"the scores differ by {options.Gap:0.###} or less"),
        PairObstacle.ScoreFloor => Invariant($"the better score is less than {options.ScoreFloor:0.###}"),
        PairObstacle.Length => Invariant($"the better prompt has more than {options.MaxWords} words"),
        PairObstacle.DimensionFloor => $"the better one does not reach {string.Join(", ", options.DimensionFloors.Select(f => Invariant($"{f.Key} {f.Value:0.###}")))}",
        _ => $"the better one is worse in something ({options.Dominance})",
    };
}

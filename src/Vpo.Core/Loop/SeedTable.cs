using Vpo.Statistics;

namespace Vpo;

/// <summary>Several runs of one loop with different seeds, as one table: means with 95 % intervals over seeds (Student's t).</summary>
public static class SeedTable
{
    /// <summary>Joins runs. Rows are in the order of the first run; a method counts in the runs that have it.</summary>
    /// <param name="runs">At least one.</param>
    public static LoopResult Join(IReadOnlyList<LoopResult> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0)
            throw new ArgumentException("expected at least one run", nameof(runs));
        return new()
        {
            Rows = Rows(runs, run => run.Rows),
            TransferRows = Rows(runs, run => run.TransferRows),
            Differences = Differences(runs),
            BestMethod = runs.GroupBy(run => run.BestMethod).MaxBy(group => group.Count())!.Key,
            Seed = runs[0].Seed,
        };
    }

    private static List<EvaluationRow> Rows(IReadOnlyList<LoopResult> runs, Func<LoopResult, IReadOnlyList<EvaluationRow>> rowsOf) =>
        [.. runs.SelectMany(rowsOf).GroupBy(row => row.Method).Select(group => Mean([.. group]))];

    private static EvaluationRow Mean(IReadOnlyList<EvaluationRow> rows)
    {
        List<double> rewards = [.. rows.Where(r => r.VideoReward is not null).Select(r => r.VideoReward!.Value.Value)];
        return new()
        {
            Method = rows[0].Method,
            VideoReward = rewards.Count == 0 ? null : SeedInterval.Mean(rewards),
            Aligned = rows.Average(r => r.Aligned),
            Unsafe = rows.Average(r => r.Unsafe),
            Imprecise = rows.Average(r => r.Imprecise),
            Refusal = rows.Average(r => r.Refusal),
            Unclear = rows.Average(r => r.Unclear),
            Dimensions = Means(rows.Select(r => r.Dimensions)),
            Questions = Means(rows.Select(r => r.Questions)),
            Distinct = rows.Average(r => r.Distinct),
            ShareIntervals = Intervals(rows, r => r.ShareIntervals),
            DimensionIntervals = Intervals(rows, r => r.DimensionIntervals),
            QuestionIntervals = Intervals(rows, r => r.QuestionIntervals),
            Unscored = rows.Sum(r => r.Unscored),
            Disagreement = rows.All(r => r.Disagreement is not null) ? rows.Average(r => r.Disagreement!.Value) : null,
        };
    }

    private static Dictionary<string, double> Means(IEnumerable<IReadOnlyDictionary<string, double>> tables) =>
        tables.SelectMany(table => table).GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.Average(entry => entry.Value));

    private static Dictionary<string, Estimate> Intervals(IReadOnlyList<EvaluationRow> rows, Func<EvaluationRow, IReadOnlyDictionary<string, Estimate>> of) =>
        rows.SelectMany(of).GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => SeedInterval.Mean([.. group.Select(entry => entry.Value.Value)]));

    private static List<MethodDifference> Differences(IReadOnlyList<LoopResult> runs) =>
        [.. runs.SelectMany(run => run.Differences).GroupBy(d => (d.From, d.To)).Select(group =>
            new MethodDifference(group.Key.From, group.Key.To, SeedInterval.Mean([.. group.Select(d => d.Difference.Value)])))];
}

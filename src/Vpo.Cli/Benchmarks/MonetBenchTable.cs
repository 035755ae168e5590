using Vpo.Reporting;
using Vpo.Rewards.MonetBench;
using Vpo.Statistics;

namespace Vpo.Cli.Benchmarks;

/// <summary>MonetBench's table : overall, the paper's columns, then the other dimensions, a line each; differences to the first method over the prompts that both have.</summary>
internal static class MonetBenchTable
{
    private const string Overall = "overall";

    public static BenchmarkTable Of(IReadOnlyList<Named> files) => Of([.. files.Select(n => (n.Name, ClipScores.Read(n.Path)))]);

    public static BenchmarkTable Of(IReadOnlyList<(string Name, IReadOnlyList<RewardRecord> Records)> methods)
    {
        var rows = methods.Select(m => Row(m.Name, m.Records)).ToList();
        var others = rows.SelectMany(r => r.Dimensions.Keys).Distinct().Where(d => !MonetBenchRow.PaperColumns.Contains(d));
        string[] lines = [Overall, .. MonetBenchRow.PaperColumns.Where(c => rows.Any(r => r.Dimensions.ContainsKey(c))), .. others];
        return new("MonetBench", ["score", .. rows.Select(r => $"{r.Method} (95 %), n={Figures.Whole(r.Overall.Count)}"), .. rows.Skip(1).Select(r => $"{r.Method} − {rows[0].Method} (95 %)")],
            [.. lines.Select(line => (IReadOnlyList<string>)
            [
                line, .. rows.Select(r => Figures.Mean(line == Overall ? r.Overall : r.Dimensions.TryGetValue(line, out var value) ? value : null)),
                .. methods.Skip(1).Select(m => Figures.Gain(Gain(line, methods[0].Records, m.Records))),
            ])],
            [
                .. rows.Where(r => r.Unscored > 0).Select(r => $"{r.Method}: {r.Unscored} prompts have no score and are in no mean; --retry of 'vpo monetbench score' tries them again."),
                $"n counts prompts.{(rows.Count > 1 ? " Differences are over the prompts that both have." : "")}", BenchmarkTable.JudgedBy(methods.SelectMany(m => m.Records).Select(r => r.Score?.RewardId)),
            ])
        {
            Failures = BenchmarkTable.Worst(methods, records => records.Where(r => r.Score is null).Select(r => $"no score for \"{r.Query}\": {r.Problem}")
                .Concat(records.Where(r => r.Score is not null).OrderBy(r => r.Score!.Score).Take(3).Select(r => $"{Figures.Number(r.Score!.Score)} for \"{r.Query}\", made from \"{r.Prompt}\""))),
            Means = [.. rows.Select(r => new IntervalRow(r.Method, r.Overall.Value, r.Overall.Low, r.Overall.High))],
        };
    }

    private static MonetBenchRow Row(string name, IReadOnlyList<RewardRecord> records) => records.Any(r => r.Score is not null)
        ? MonetBenchRow.Of(name, records.Select(r => (r.Query, r.Score)))
        : throw new InvalidDataException($"{name}: none of {records.Count} clips has a score; mend the cause, then score again with --retry. The first: {records[0].Problem}");

    private static Estimate? Gain(string line, IReadOnlyList<RewardRecord> first, IReadOnlyList<RewardRecord> second)
    {
        var (before, after) = (Means(line, first), Means(line, second));
        var shared = before.Keys.Where(after.ContainsKey).ToList();
        return shared.Count == 0 ? null : Bootstrap.PairedDifference([.. shared.Select(q => before[q])], [.. shared.Select(q => after[q])]);
    }

    // Clips of a prompt are averaged first: n counts prompts.
    private static Dictionary<string, double> Means(string line, IReadOnlyList<RewardRecord> records) =>
        records.Where(r => r.Score is not null && (line == Overall || r.Score.Dimensions.ContainsKey(line))).GroupBy(r => r.Query, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Average(r => line == Overall ? r.Score!.Score : r.Score!.Dimensions[line]), StringComparer.Ordinal);
}

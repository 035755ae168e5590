using Vpo.Reporting;
using Vpo.Rewards.MonetBench;
using Vpo.Statistics;

namespace Vpo.Cli.Benchmarks;

/// <summary>MonetBench's table on standard output: overall, the paper's columns, then the other dimensions, a line each; differences to the first method over the prompts that both have.</summary>
internal static class MonetBenchTable
{
    private const string Overall = "overall";

    public static void Write(IReadOnlyList<(string Name, IReadOnlyList<RewardRecord> Records)> methods, bool published)
    {
        var rows = methods.Select(m => Row(m.Name, m.Records)).ToList();
        var others = rows.SelectMany(r => r.Dimensions.Keys).Distinct().Where(d => !MonetBenchRow.PaperColumns.Contains(d));
        string[] lines = [Overall, .. MonetBenchRow.PaperColumns.Where(c => rows.Any(r => r.Dimensions.ContainsKey(c))), .. others];
        TextTable.Write(["score", .. rows.Select(r => $"{r.Method} (95 %), n={Figures.Whole(r.Overall.Count)}"), .. rows.Skip(1).Select(r => $"{r.Method} − {rows[0].Method} (95 %)")],
            lines.Select(line => (IReadOnlyList<string>)
            [
                line, .. rows.Select(r => Figures.Mean(line == Overall ? r.Overall : r.Dimensions.TryGetValue(line, out var value) ? value : null)),
                .. methods.Skip(1).Select(m => Figures.Gain(Gain(line, methods[0].Records, m.Records))),
            ]));
        foreach (var row in rows.Where(r => r.Unscored > 0))
            Console.WriteLine($"{row.Method}: {row.Unscored} prompts have no score and are in no mean; --retry of 'vpo monetbench score' tries them again.");
        string[] judges = [.. methods.SelectMany(m => m.Records).Select(r => r.Score?.RewardId).OfType<string>().Distinct()];
        Console.WriteLine($"n counts prompts; scored by {string.Join(", ", judges)}{(judges.Length > 1 ? ": different rewards in one table, so the figures do not compare" : "")}.{(rows.Count > 1 ? " Differences are over the prompts that both have." : "")}");
        if (published)
            TextTable.Write(PublishedFigures.MonetBenchHeaders, PublishedFigures.MonetBenchCells);
    }

    private static MonetBenchRow Row(string name, IReadOnlyList<RewardRecord> records) => records.Any(r => r.Score is not null)
        ? MonetBenchRow.Of(name, records.Select(r => (r.Query, r.Score)))
        : throw new InvalidDataException($"{name}: none of {records.Count} clips has a score. The first: {records[0].Problem}");

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

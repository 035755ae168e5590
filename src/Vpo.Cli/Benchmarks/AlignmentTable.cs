using Vpo.Statistics;

namespace Vpo.Cli.Benchmarks;

/// <summary>The text-alignment table of files of verdicts.</summary>
internal static class AlignmentTable
{
    public static BenchmarkTable Of(IReadOnlyList<Named> files)
    {
        var methods = files.Select(n => (n.Name, Records: Read(n.Path))).ToList();
        var shares = methods.Select(m => Shares.Alignment(m.Records.Select(r => r.Verdict))).ToList();
        var more = methods.Count > 1;
        return new("Text alignment", ["method", "aligned", "unsafe", "imprecise", "refusal", "unclear", "n", .. more ? new[] { $"points over {methods[0].Name}" } : []],
            [.. methods.Zip(shares).Select((m, i) => (IReadOnlyList<string>)
            [
                m.First.Name, .. Enum.GetValues<AlignmentClass>().Select(c => Figures.Share(m.Second.Of[c])), Figures.Whole(m.Second.Unclear), Figures.Whole(m.Second.Count),
                .. more ? new[] { i == 0 ? "-" : Figures.Gain(Gain(methods[0].Records, m.First.Records)) } : [],
            ])],
            [$"n counts prompts; Wilson's 95 % intervals.{(more ? " Points: aligned prompts in a hundred, more or fewer, over the queries that both have." : "")}", BenchmarkTable.JudgedBy(methods.SelectMany(m => m.Records).Select(r => r.Verdict.JudgeId))])
        {
            Failures = BenchmarkTable.Worst(methods, records => records.Where(r => r.Verdict.Judgement != Judgement.Aligned).OrderBy(r => r.Verdict.Class == AlignmentClass.Unsafe ? 0 : 1)
                .Select(r => $"{r.Verdict.Class?.ToString().ToLowerInvariant() ?? "unclear"}: \"{r.Verdict.Query}\" became \"{r.Verdict.Prompt}\". {r.Verdict.Critique}")),
            Means = [.. methods.Zip(shares).Select(m => (m.First.Name, Share: m.Second.Of[AlignmentClass.Aligned])).Select(m => new Reporting.IntervalRow($"{m.Name}, % aligned", 100 * m.Share.Value, 100 * m.Share.Low, 100 * m.Share.High))],
        };
    }

    private static IReadOnlyList<VerdictRecord> Read(string path) => TextStages.ReadVerdicts(path) is { Count: > 0 } found ? found
        : throw new InvalidDataException($"'{path}' holds no verdicts: expected what 'vpo judge' wrote.");

    /// <summary>Of the queries that both have, in percentage points: the share of aligned prompts of each query, after minus before.</summary>
    private static Estimate? Gain(IReadOnlyList<VerdictRecord> first, IReadOnlyList<VerdictRecord> second)
    {
        var (before, after) = (Aligned(first), Aligned(second));
        var shared = before.Keys.Where(after.ContainsKey).ToList();
        return shared.Count == 0 ? null : Bootstrap.PairedDifference([.. shared.Select(q => before[q])], [.. shared.Select(q => after[q])]);
    }

    private static Dictionary<string, double> Aligned(IReadOnlyList<VerdictRecord> records) =>
        records.GroupBy(r => r.Verdict.Query, StringComparer.Ordinal).ToDictionary(g => g.Key, g => 100 * g.Average(r => r.Verdict.Judgement == Judgement.Aligned ? 1.0 : 0), StringComparer.Ordinal);
}

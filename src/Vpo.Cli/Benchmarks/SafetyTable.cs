using Vpo.Rewards.Safety;
using Vpo.Statistics;

namespace Vpo.Cli.Benchmarks;

/// <summary>The table of safety levels of files of findings.</summary>
internal static class SafetyTable
{
    public static BenchmarkTable Of(IReadOnlyList<Named> files) => Of([.. files.Select(n => (n.Name, SafetyRatings.Read(n.Path)))]);

    public static BenchmarkTable Of(IReadOnlyList<(string Name, IReadOnlyList<SafetyRecord> Records)> methods)
    {
        var shares = methods.Select(m => Shares.Count(m.Records.Select(r => r.Level))).ToList();
        return new("Safety levels", ["method", "1 safe", "2 sensitive", "3 harmful", "4 severe", "unclear", "n"],
            [.. methods.Zip(shares).Select(m => (IReadOnlyList<string>)[m.First.Name, .. Enum.GetValues<SafetyLevel>().Select(l => Figures.Share(m.Second.Of[l])), Figures.Whole(m.Second.Unclear), Figures.Whole(m.Second.Count)])],
            ["n counts prompts or clips; Wilson's 95 % intervals.", BenchmarkTable.JudgedBy(methods.SelectMany(m => m.Records).Select(r => r.Judge))])
        {
            Failures = BenchmarkTable.Worst(methods, records => records.Where(r => r.Level is null or > SafetyLevel.Sensitive).OrderByDescending(r => r.Level ?? 0)
                .Select(r => $"{(r.Level is { } level ? $"level {(int)level}" : "unclear")}: \"{r.Clip ?? r.Prompt}\". {r.Reason}")),
        };
    }
}

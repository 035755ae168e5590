using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Vpo.Curation;

namespace Vpo.Tests.Curation;

/// <summary>Planted repetitions are found, at every size and in every order.</summary>
[Trait("Category", "Weights")]
public sealed class CurationAtScaleTests
{
    private static string[] Pool() => [.. new[] { "sft", "dpo" }.SelectMany(n => JsonSerializer.Deserialize<string[]>(File.ReadAllText(Repository.Data($"vpo/{n}_prompts.json")))!)];

    [Fact]
    public async Task Run_30Thousand_FindsWhatWasPlantedInAnyOrder()
    {
        var planted = Planted.Make(Pool(), 29_000, seed: 1);
        var result = await RunAsync(planted.Queries, workers: 2);
        AssertFound(planted, result);
        var shuffled = planted.Queries.ToArray();
        new Random(5).Shuffle(shuffled);
        var again = await RunAsync(shuffled, workers: 1);
        Assert.Equal(Lines(result), Lines(again));
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task Run_FullSize_FindsWhatWasPlantedInTime()
    {
        var pool = Pool();
        foreach (var count in new[] { 100_000, 400_000, 1_620_000 })
        {
            var planted = Planted.Make(pool, count, seed: 1);
            GC.Collect();
            var start = Stopwatch.GetTimestamp();
            var result = await RunAsync(planted.Queries, workers: 2);
            var time = Stopwatch.GetElapsedTime(start);
            TestContext.Current.TestOutputHelper?.WriteLine($"{planted.Queries.Count} queries: {time.TotalSeconds:0.0} s, peak {Process.GetCurrentProcess().PeakWorkingSet64 / 1e9:0.00} GB. {Describe(planted, result)}");
            AssertFound(planted, result);
            Assert.True(time < TimeSpan.FromMinutes(10), time.ToString());
        }
        Assert.True(Process.GetCurrentProcess().PeakWorkingSet64 < 4L << 30);
    }

    private static Task<CurationResult> RunAsync(IReadOnlyList<SourceQuery> queries, int workers)
    {
        // Rules off: the subject is repetition.
        var rules = new QueryRules { MinLetterShare = 0, MaxRun = int.MaxValue, AllowAddresses = true, MaxCharacters = int.MaxValue, MaxWords = int.MaxValue };
        return new Curator(new() { Rules = rules, Workers = workers }).RunAsync(CuratorTests.Rows(queries));
    }

    private static IEnumerable<string> Lines(CurationResult result) => result.Sft.Select(q => "sft " + q).Concat(result.Dpo.Select(q => "dpo " + q)).Concat(result.Report.Steps.SelectMany(s => s.Examples.Select(e => $"{s.Name} {s.Removed} {e}")));

    private static void AssertFound(Planted planted, CurationResult result)
    {
        var kept = Kept(result);
        Assert.Empty(planted.Copies.Concat(planted.Variants).Where(p => BothKept(planted, kept, p)).Select(p => $"{planted.Queries[p.Original].Text}\n{planted.Queries[p.Copy].Text}"));
        Assert.True(planted.Edits.Count(p => !BothKept(planted, kept, p)) >= 0.99 * planted.Edits.Count, Describe(planted, result));
    }

    private static HashSet<string> Kept(CurationResult result) => result.Sft.Concat(result.Dpo).Select(q => q.SourceId!).ToHashSet();

    private static bool BothKept(Planted planted, HashSet<string> kept, (int Original, int Copy) pair) =>
        kept.Contains(planted.Queries[pair.Original].SourceId!) && kept.Contains(planted.Queries[pair.Copy].SourceId!);

    private static string Describe(Planted planted, CurationResult result)
    {
        var kept = Kept(result);
        var pairs = planted.Copies.Concat(planted.Variants).Concat(planted.Edits).ToList();
        var touched = pairs.SelectMany(p => new[] { p.Original, p.Copy }).ToHashSet();
        var others = Enumerable.Range(0, planted.Queries.Count).Where(i => !touched.Contains(i)).ToList();
        return string.Create(CultureInfo.InvariantCulture,
            $"Not found: copies {planted.Copies.Count(p => BothKept(planted, kept, p))}, variants {planted.Variants.Count(p => BothKept(planted, kept, p))}, edits {planted.Edits.Count(p => BothKept(planted, kept, p))} of {planted.Edits.Count}. Removed without having been planted: {others.Count(i => !kept.Contains(planted.Queries[i].SourceId!))} of {others.Count}. Self-BLEU {result.Report.SelfBleuBefore:0.000} to {result.Report.SelfBleuAfter:0.000}.");
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Vpo.Core.Tests.Fakes;
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

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task MergeAsync_AnyNumberOfParts_IsTheRunWithoutParts(int parts)
    {
        var planted = Planted.Make(Pool(), 3_000, seed: 3);
        var whole = await RunAsync(planted.Queries, workers: 2);
        using var folder = new TemporaryFolder();
        var shuffled = planted.Queries.ToArray();
        for (var part = 0; part < parts; part++)
        {
            new Random(part).Shuffle(shuffled);
            Assert.NotNull(await Curator(1).FindPartAsync(CuratorTests.Rows(shuffled), folder.File("near.jsonl"), new(part, parts)));
            Assert.Null(await Curator(1).FindPartAsync(CuratorTests.Rows(shuffled), folder.File("near.jsonl"), new(part, parts)));
        }
        Assert.Equal(Lines(whole), Lines(await Curator(2).MergeAsync(CuratorTests.Rows(shuffled), folder.File("near.jsonl"), parts)));
        Assert.True(whole.Report.Steps.Single(s => s.Name == "near").Removed > 40);
    }

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(97_000, 4)]
    [InlineData(1_620_000, 4)]
    public async Task FindPartAsync_LargeSets_SharesTheWorkOut(int count, int parts)
    {
        var planted = Planted.Make(Pool(), count, seed: 1);
        using var folder = new TemporaryFolder();
        GC.Collect();
        var lines = new List<string>();
        async Task Timed(string name, Func<Task> work)
        {
            var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            await work();
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.0} s of processor time"));
        }
        CurationResult? whole = null, merged = null;
        await Timed("whole", async () => whole = await RunAsync(planted.Queries, workers: 2));
        for (var part = 0; part < parts; part++)
            await Timed($"part {part}", () => Curator(2).FindPartAsync(CuratorTests.Rows(planted.Queries), folder.File("near.jsonl"), new(part, parts)));
        await Timed("merge", async () => merged = await Curator(2).MergeAsync(CuratorTests.Rows(planted.Queries), folder.File("near.jsonl"), parts));
        TestContext.Current.TestOutputHelper?.WriteLine($"{planted.Queries.Count} queries, peak {Process.GetCurrentProcess().PeakWorkingSet64 / 1e9:0.00} GB\n{string.Join('\n', lines)}");
        Assert.Equal(Lines(whole!), Lines(merged!));
    }

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(100_000)]
    [InlineData(400_000)]
    [InlineData(1_620_000)]
    public async Task Run_LargeSets_FindsWhatWasPlantedInTime(int count)
    {
        var planted = Planted.Make(Pool(), count, seed: 1);
        GC.Collect();
        var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var result = await RunAsync(planted.Queries, workers: 2);
        var time = Stopwatch.GetElapsedTime(start);
        var memory = Process.GetCurrentProcess().PeakWorkingSet64;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{planted.Queries.Count} queries: {time.TotalSeconds:0.0} s, {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.0} s of processor time, peak {memory / 1e9:0.00} GB. {Describe(planted, result)}"));
        AssertFound(planted, result);
        Assert.True(time < TimeSpan.FromMinutes(10), time.ToString());
        Assert.True(memory < 4L << 30, $"{memory} bytes");
    }

    private static Task<CurationResult> RunAsync(IReadOnlyList<SourceQuery> queries, int workers) => Curator(workers).RunAsync(CuratorTests.Rows(queries));

    /// <summary>Rules off: the subject is repetition.</summary>
    private static Curator Curator(int workers) =>
        new(new() { Rules = new() { MinLetterShare = 0, MaxRun = int.MaxValue, AllowAddresses = true, MaxCharacters = int.MaxValue, MaxWords = int.MaxValue }, Workers = workers });

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

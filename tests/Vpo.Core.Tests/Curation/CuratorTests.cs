using Vpo.Core.Tests.Fakes;
using Vpo.Curation;

namespace Vpo.Tests.Curation;

public sealed class CuratorTests
{
    private static readonly HarmLabels Harmful = new(0.9, 0.1, 0, 0.2, 0, 0), Harmless = new(0.01, 0, 0, 0, 0, 0);

    internal static async IAsyncEnumerable<SourceRow> Rows(IEnumerable<SourceQuery> queries)
    {
        await Task.CompletedTask;
        foreach (var query in queries)
            yield return SourceRow.Good(query.SourceId ?? "row", query);
    }

    private static Task<CurationResult> Run(CurationOptions options, params string[] texts) => new Curator(options).RunAsync(Rows(texts.Select(t => new SourceQuery(t))));

    private static int Removed(CurationReport report, string step) => report.Steps.Single(s => s.Name == step).Removed;

    [Theory]
    [InlineData("hi", "too-few-characters")]
    [InlineData("-ar 16:9 -gs 8", "options-only")]
    [InlineData("1234 5678 ++++ a", "few-letters")]
    [InlineData("a dog aaaaaaaaaaaaaaaaaaaaaaa", "long-run")]
    [InlineData("like https://example.org/a.png", "address")]
    [InlineData("a forbidden thing", "keyword")]
    [InlineData("un perro corre por el bosque con los niños", "language")]
    [InlineData("собака бежит по лесу", "language")]
    [InlineData("sea Message: HI (Font: MODERN)", "option")]
    public async Task Run_BadQuery_IsRemovedByItsRule(string text, string rule)
    {
        var options = new CurationOptions { Rules = new() { Keywords = ["forbidden"], Languages = ["en"], ForbiddenOptions = ["message"] } };
        var report = (await Run(options, text, "a good dog")).Report;
        Assert.Equal(1, Removed(report, rule));
        Assert.Equal(text, report.Steps.Single(s => s.Name == rule).Examples.Single().Query);
        Assert.Equal(1, report.Passed);
    }

    [Fact]
    public async Task Run_QueryWithOptions_KeepsThemAsOptions()
    {
        var result = await Run(new() { SftShare = 1 }, " a cat &amp; a dog -ar 16:9 -neg fog ");
        var query = Assert.Single(result.Sft);
        Assert.Equal("a cat & a dog -ar 16:9 -neg fog", query.Query);
        Assert.Equal("a cat & a dog", query.Wish);
        Assert.Equal("fog", query.NegativePrompt);
        Assert.Equal(["ar", "neg"], query.Options!.Select(o => o.Name));
    }

    [Fact]
    public async Task MergeAsync_PartsThatAreMissingOrOfOtherRows_SaysWhich()
    {
        using var folder = new TemporaryFolder();
        string[] texts = ["a dog runs along the wide beach at dusk", "a dog runs along the wide beach at dawn", "a whale"];
        var (rows, near) = (texts.Select(t => new SourceQuery(t)).ToList(), folder.File("near.jsonl"));
        var curator = new Curator(new()) { KeepAwayFrom = ["a cat runs along the wide beach at dusk"] };
        await curator.FindPartAsync(Rows(rows), near, new(0, 2));
        Assert.Contains("--shard 1/2", (await Assert.ThrowsAsync<InvalidDataException>(() => curator.MergeAsync(Rows(rows), near, 2))).Message, StringComparison.Ordinal);
        await curator.FindPartAsync(Rows(rows), near, new(1, 2));
        var (whole, merged) = (await curator.RunAsync(Rows(rows)), await curator.MergeAsync(Rows(rows), near, 2));
        Assert.Equal(whole.Sft.Concat(whole.Dpo).Select(q => q.Id), merged.Sft.Concat(merged.Dpo).Select(q => q.Id));
        Assert.Equal((Removed(whole.Report, "leak"), Removed(whole.Report, "near")), (Removed(merged.Report, "leak"), Removed(merged.Report, "near")));
        Assert.Contains("rule out", (await Assert.ThrowsAsync<InvalidDataException>(() => curator.MergeAsync(Rows(rows.Take(0)), near, 2))).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.File("near.0-of-2.jsonl"), "");
        Assert.Contains("said to hold", (await Assert.ThrowsAsync<InvalidDataException>(() => curator.MergeAsync(Rows(rows), near, 2))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NearAnEvaluationQuery_IsALeak()
    {
        var curator = new Curator(new()) { KeepAwayFrom = ["A dog runs along the wide beach at dawn", "a person is eating cake"] };
        var result = await curator.RunAsync(Rows(new[] { "a dog runs along the wide beach at dusk", "A person is eating cake!", "a whale" }.Select(t => new SourceQuery(t))));
        Assert.Equal(2, Removed(result.Report, "leak"));
        Assert.Equal(["a whale"], result.Sft.Concat(result.Dpo).Select(q => q.Query));
    }

    [Fact]
    public async Task Run_LabelledQueries_AreLookedAtAgain()
    {
        using var judge = new FakeHarmJudge();
        SourceQuery[] queries = [new("a bloody fight") { Labels = Harmful }, new("shooting stars") { Labels = Harmful }, new("unclear words") { Labels = Harmful }, new("a meadow") { Labels = Harmless }, new("a lake")];
        var result = await new Curator(new() { SftShare = 1 }) { Judge = judge }.RunAsync(Rows(queries));
        Assert.Equal([("a bloody fight", true), ("a lake", null), ("a meadow", false), ("shooting stars", false)], result.Sft.Select(q => (q.Query, q.Unsafe)).OrderBy(q => q.Query, StringComparer.Ordinal));
        Assert.Equal((1, 1), (result.Report.JudgedHarmless, result.Report.JudgedUnclear));
    }

    private sealed class FakeHarmJudge : IJudge
    {
        public Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default) => Task.FromResult(new Verdict
        {
            Query = query,
            Prompt = prompt,
            Judgement = query.StartsWith("unclear", StringComparison.Ordinal) ? Judgement.Unclear : query.Contains("bloody", StringComparison.Ordinal) ? Judgement.Misaligned : Judgement.Aligned,
            Class = query.Contains("bloody", StringComparison.Ordinal) ? AlignmentClass.Unsafe : AlignmentClass.Aligned,
        });

        public Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default) => Task.FromResult<string?>(null);

        public void Dispose() { }
    }

    [Fact]
    public async Task Run_SizesAndSeed_ChooseAndSplit()
    {
        var texts = Enumerable.Range(0, 400).Select(i => $"thing {i} number{i} of{i} its kind{i}").ToArray();
        var options = new CurationOptions { General = 100, SftShare = 0.6, Seed = 3 };
        var result = await Run(options, texts);
        Assert.Equal((60, 40), (result.Sft.Count, result.Dpo.Count));
        Assert.Empty(result.Sft.Select(q => q.Id).Intersect(result.Dpo.Select(q => q.Id)));
        Array.Reverse(texts);
        Assert.Equal(result.Sft.Select(q => q.Id), (await Run(options, texts)).Sft.Select(q => q.Id));
        Assert.NotEqual(result.Sft.Select(q => q.Id), (await Run(options with { Seed = 4 }, texts)).Sft.Select(q => q.Id));
    }

    [Fact]
    public async Task Run_DamagedRows_AreCountedWithPlace()
    {
        async IAsyncEnumerable<SourceRow> Mixed()
        {
            await Task.CompletedTask;
            yield return SourceRow.Good("f:1", new("a dog"));
            yield return SourceRow.Damaged("f:2", "half a row");
        }

        var report = (await new Curator(new()).RunAsync(Mixed())).Report;
        Assert.Equal((2, 1, 1), (report.Read, report.Damaged.Removed, report.Passed));
        Assert.Equal(("f:2", "half a row"), (report.Damaged.Examples[0].Query, report.Damaged.Examples[0].Because));
    }

    [Fact]
    public async Task Write_AResult_CanBeReadAgain()
    {
        using var folder = new TemporaryFolder();
        var result = await Run(new(), "a dog -ar 1:1", "A dog! -ar 1:1", "a café");
        CurationFolder.Write(folder.Path, result);
        Assert.Equal(result.Sft.Concat(result.Dpo).Select(q => q.Id), CurationFolder.ReadSet(folder.File("sft.jsonl")).Concat(CurationFolder.ReadSet(folder.File("dpo.jsonl"))).Select(q => q.Id));
        Assert.Equal(result.Report.Passed, CurationFolder.ReadReport(folder.Path)!.Passed);
        Assert.Contains("variant", await File.ReadAllTextAsync(folder.File("report.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "max_similarity": 2 }""", "max_similarity")]
    [InlineData("""{ "max_similarty": 0.5 }""", "max_similarty")]
    [InlineData("[", "JSON")]
    public void Read_WrongOptions_SaysWhich(string json, string said)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("o.json"), json);
        Assert.Contains(said, Assert.Throws<InvalidDataException>(() => CurationOptions.Read(folder.File("o.json"))).Message.Replace("MaxSimilarity", "max_similarity", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
    }
}

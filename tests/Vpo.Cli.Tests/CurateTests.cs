using System.Text.Json;

namespace Vpo.Cli.Tests;

public sealed class CurateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-curate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static Task<ProgramRun> Vpo(params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", [Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll"), .. arguments]);

    [Fact]
    public async Task Curate_SeveralFiles_WritesSetsAndReportOnce()
    {
        await File.WriteAllTextAsync(In("a.csv"), "uuid,prompt\n1,a dog runs along the beach\n2,A dog runs along the beach!\n3,broken,row\n4,\"a cat, asleep -ar 16:9\"\n");
        await File.WriteAllTextAsync(In("b.json"), """["a whale dives", "x", "two birds in a tree at noon"]""");
        await File.WriteAllTextAsync(In("eval.txt"), "Two birds in a tree at noon.\n");
        await File.WriteAllTextAsync(In("rules.json"), """{ "sft_share": 1, "rules": { "min_words": 2 } }""");
        string[] arguments = ["curate", "--input", In("a.csv"), In("b.json"), "--keep-away", In("eval.txt"), "--rules", In("rules.json"), "--judge", "atoms", "--out", In("out"), "--seed", "3"];
        var first = (await Vpo([.. arguments, "--shards", "1"])).MustSucceed();
        Assert.Contains("7 rows read; SFT 3", first.Output, StringComparison.Ordinal);
        Assert.Contains("read: 7\n", first.Error, StringComparison.Ordinal);   // no total: nobody knows it before the end
        Assert.Contains("a.csv:4: expected 2 fields, found 3", first.Error, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(In("out/sft.jsonl"));
        Assert.Contains(lines, l => JsonDocument.Parse(l).RootElement is var q && q.GetProperty("query").GetString() == "a cat, asleep -ar 16:9" && q.GetProperty("wish").GetString() == "a cat, asleep");
        Assert.Contains("was there already", (await Vpo([.. arguments, "--shards", "2"])).MustSucceed().Output, StringComparison.Ordinal);

        string[] shared = [.. arguments[..^3], In("shared"), "--seed", "3"];
        foreach (var part in new[] { "1/2", "0/2" })
            Assert.Contains($"{part[0]}-of-2.jsonl", (await Vpo([.. shared, "--shard", part])).MustSucceed().Output, StringComparison.Ordinal);
        (await Vpo([.. shared, "--parts", "2"])).MustSucceed();
        Assert.Equal(lines, await File.ReadAllLinesAsync(In("shared/sft.jsonl")));
        Assert.Equal(await File.ReadAllTextAsync(In("out/report.json")), await File.ReadAllTextAsync(In("shared/report.json")));

        File.Delete(In("out/report.json"));   // as if it had been killed before the end
        (await Vpo([.. arguments, "--shards", "2"])).MustSucceed();
        Assert.Equal(lines, await File.ReadAllLinesAsync(In("out/sft.jsonl")));
    }

    [Fact]
    public async Task Draft_InTwoParts_MergesWhenBothAreComplete()
    {
        await File.WriteAllLinesAsync(In("q.txt"), Enumerable.Range(0, 26).Select(i => $"wish {i} -ar 16:9"));
        string[] draft = ["draft", "--input", In("q.txt"), "--model", TinyModel.Write(In("model")), "--out", In("prompts.jsonl"), "--max-new-tokens", "3"];
        (await Vpo([.. draft, "--shard", "0/2"])).MustSucceed();
        Assert.Contains("prompts.1-of-2.jsonl", (await Vpo("merge", "--out", In("prompts.jsonl"), "--parts", "2")).Error, StringComparison.Ordinal);
        (await Vpo([.. draft, "--shard", "1/2"])).MustSucceed();
        Assert.Contains("26 records", (await Vpo("merge", "--out", In("prompts.jsonl"))).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("i/n", (await Vpo([.. draft, "--shard", "2/2"])).Error, StringComparison.Ordinal);

        var judged = (await Vpo("judge", "--input", In("prompts.jsonl"), "--out", In("verdicts.jsonl"))).MustSucceed();
        Assert.Contains("26 verdicts:", judged.Output, StringComparison.Ordinal);
        Assert.Contains("26 verdicts", (await Vpo("pairs", "--input", In("verdicts.jsonl"), "--out", In("mined.jsonl"))).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("demonstrations", (await Vpo("pairs", "--input", In("verdicts.jsonl"), "--kind", "Demonstrations", "--out", In("sft.jsonl"))).MustSucceed().Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(In("pairs.jsonl"), """{"prompt":"q","chosen":"c","rejected":"r"}""");
        var export = (await Vpo("export", "--input", In("pairs.jsonl"), "--out", In("dpo.json"))).MustSucceed();
        Assert.Contains("\"ranking\": true", export.Output, StringComparison.Ordinal);
        Assert.Equal("q", JsonDocument.Parse(await File.ReadAllTextAsync(In("dpo.json"))).RootElement[0].GetProperty("messages")[0].GetProperty("content").GetString());
    }

    [Fact]
    public async Task Judge_AnotherJudgeOnTheSameFile_IsRefusedAndTheVerdictsStay()
    {
        await File.WriteAllTextAsync(In("made.jsonl"), """{"id":"1","query":"a red ball rolls","prompt":"A red ball rolls slowly over short green grass."}""");
        string[] judge = ["judge", "--input", In("made.jsonl"), "--out", In("verdicts.jsonl"), "--no-refine"];
        (await Vpo(judge)).MustSucceed();
        var verdicts = await File.ReadAllTextAsync(In("verdicts.jsonl"));
        await using var chat = new FakeChat(_ => "[[Yes]]");
        var other = await Vpo([.. judge, "--judge", chat.Address, "--chat-model", "strict"]);
        Assert.Equal((1, 0), (other.ExitCode, chat.Calls));
        Assert.Contains("found 'judge by atoms' of atoms; expected 'judge by strict'", other.Error, StringComparison.Ordinal);
        Assert.Contains("'judge and refine by atoms'", (await Vpo(judge[..^1])).Error, StringComparison.Ordinal);
        Assert.Equal(verdicts, await File.ReadAllTextAsync(In("verdicts.jsonl")));
        Assert.Contains("1 verdicts", (await Vpo(judge)).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curate_WrongRules_SaysWhichInOneLine()
    {
        await File.WriteAllTextAsync(In("a.txt"), "a dog\n");
        await File.WriteAllTextAsync(In("rules.json"), """{ "max_similarty": 0.5 }""");
        var run = await Vpo("curate", "--input", In("a.txt"), "--rules", In("rules.json"), "--out", In("out"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("max_similarty", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("max_similarity", (await Vpo("curate", "defaults")).MustSucceed().Output, StringComparison.Ordinal);
    }
}

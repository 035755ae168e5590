using System.Text.Json;

namespace Vpo.Cli.Tests;

public sealed class PairsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-pairs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static Task<ProgramRun> Vpo(params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", [Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll"), .. arguments]);

    [Fact]
    public async Task Pairs_VerdictsScoresAndPairs_AreOneFileWithAPage()
    {
        await File.WriteAllTextAsync(In("verdicts.jsonl"), """
            {"id":"1","verdict":{"query":"a dog","prompt":"a cat","judgement":"Misaligned","class":"Imprecise","critique":"It shows a cat."},"refined":"a dog","provenance":{"options":"","seed":0,"tool":"t"}}
            {"id":"2","verdict":{"query":"a dog","prompt":"a dog on grass","judgement":"Aligned"},"provenance":{"options":"","seed":0,"tool":"t"}}

            """);
        await File.WriteAllTextAsync(In("rewards.jsonl"), """
            {"query":"a dog","prompt":"a dog on grass","score":1.0,"dimensions":{"looks":1}}
            {"query":"a dog","prompt":"a dog in the sun","score":2.4,"dimensions":{"looks":3}}
            {"query":"a dog","prompt":"a dog at night","score":1.8,"dimensions":{"looks":0}}
            {"query":"a dog","prompt":"a cat","score":9.9,"dimensions":{"looks":9}}

            """);
        await File.WriteAllTextAsync(In("more.jsonl"), """{"prompt":"a bird","chosen":"a red bird","rejected":"a plane"}""");
        string[] all = ["pairs", "--verdicts", In("verdicts.jsonl"), "--rewards", In("rewards.jsonl"), "--pairs", In("more.jsonl"), "--out", In("pairs.jsonl")];
        var run = (await Vpo([.. all, "--select", "All"])).MustSucceed();
        Assert.Equal(["a bird: a red bird > a plane", "a dog: a dog > a cat", "a dog: a dog at night > a dog on grass", "a dog: a dog in the sun > a dog at night", "a dog: a dog in the sun > a dog on grass"], await PairsAsync());
        Assert.Contains("1  not aligned", run.Output, StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(In("pairs.html"));
        Assert.Contains("It shows a cat.", page, StringComparison.Ordinal);
        Assert.Contains("looks +2", page, StringComparison.Ordinal);

        (await Vpo([.. all, "--dominance", "Dimension", "--dimension-floor", "looks=2", "--gap", "1", "--max-words", "5"])).MustSucceed();
        Assert.Equal(["a bird: a red bird > a plane", "a dog: a dog > a cat", "a dog: a dog in the sun > a dog on grass"], await PairsAsync());
        (await Vpo([.. all, "--one-per-query", "--score-floor", "2"])).MustSucceed();
        Assert.Equal(["a bird: a red bird > a plane", "a dog: a dog > a cat"], await PairsAsync());
        (await Vpo([.. all, "--preset", "Paper"])).MustSucceed();
        Assert.Equal(4, (await PairsAsync()).Count);   // neighbours alone

        Assert.Contains("choose Dominance.None", (await Vpo([.. all, "--preset", "Released"])).Error, StringComparison.Ordinal);
        Assert.Contains("NAME=VALUE", (await Vpo([.. all, "--dimension-floor", "looks"])).Error, StringComparison.Ordinal);
        Assert.Contains("does not exist", (await Vpo("pairs", "--rewards", In("none"), "--out", In("p.jsonl"))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pairs_FilesOfTheReleasedProgram_GiveItsVideoPairs()
    {
        var golden = Path.Combine(Repository.Root, "tests/golden/vpo_pairs/well_formed");
        using var info = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(golden, "case.json")));
        await File.WriteAllTextAsync(In("weights.json"), info.RootElement.GetProperty("weights").GetRawText());
        (await Vpo("pairs", "--preset", "Released", "--rewards", Path.Combine(golden, "output.jsonl"), "--checklist", In("weights.json"), "--out", In("pairs.jsonl"))).MustSucceed();
        using var expected = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(golden, "expected_video_pairs.json")));
        Assert.Equal(expected.RootElement.EnumerateArray().Select(Say).Order(StringComparer.Ordinal), await PairsAsync());
        Assert.Contains("--checklist", (await Vpo("pairs", "--rewards", Path.Combine(golden, "output.jsonl"), "--out", In("pairs.jsonl"))).Error, StringComparison.Ordinal);
    }

    private async Task<List<string>> PairsAsync() =>
        [.. (await File.ReadAllLinesAsync(In("pairs.jsonl"))).Select(l => Say(JsonDocument.Parse(l).RootElement.GetProperty("pair"))).Order(StringComparer.Ordinal)];

    private static string Say(JsonElement pair) => $"{pair.GetProperty("query")}: {pair.GetProperty("chosen")} > {pair.GetProperty("rejected")}";
}

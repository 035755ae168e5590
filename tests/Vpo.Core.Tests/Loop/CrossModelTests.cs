using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.Loop;

public sealed class CrossModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<Query> _queries = [.. Enumerable.Range(0, 12).Select(i => new Query($"query {i}"))];
    private int _clips;

    public void Dispose() => _folder.Dispose();

    private CrossModel Create(long seed = 1, string? failsOn = null) => new(
        [("weak", new FakeWriter(1)), ("skilled", new FakeWriter(4))],
        [("strong", new FakeGenerator(0, () => _clips++)), ("poor", new FakeGenerator(1, () => _clips++))],
        new FakeReward { FailsOn = failsOn })
    { Seed = seed, ChunkSize = 5 };

    private Task<CrossModelResult> Run(CrossModel run) => run.RunAsync(_queries, _folder.Path, cancellationToken: TestContext.Current.CancellationToken);

    [Fact]
    public async Task Run_ThreeMethodsTwoModels_GivesEachCellWithItsGainOverTheQueries()
    {
        var result = await Run(Create());
        Assert.Equal(["original strong", "original poor", "weak strong", "weak poor", "skilled strong", "skilled poor"], result.Cells.Select(c => $"{c.Method} {c.Generator}"));
        CrossModelCell Cell(string method, string generator) => result.Cells.Single(c => (c.Method, c.Generator) == (method, generator));
        Assert.Equal((0.0, null), (Cell("original", "strong").VideoReward!.Value.Value, (object?)Cell("original", "strong").Gain));
        var (strong, poor) = (Cell("skilled", "strong"), Cell("skilled", "poor"));
        Assert.Equal(strong.VideoReward!.Value.Value - 1, poor.VideoReward!.Value.Value, 1e-9);   // the same prompts, a model that loses one star of each
        Assert.Equal(strong.VideoReward.Value.Value, strong.Gain!.Value.Value, 1e-9);
        Assert.True(strong.Gain.Value.Low > Cell("weak", "strong").Gain!.Value.High);
        Assert.Equal(12, strong.VideoReward.Value.Count);
        Assert.Equal(["prompts", "strong", "poor"], result.Headers());
        Assert.Equal(["original", "0.00 (0.00–0.00)", "0.00 (0.00–0.00)"], result.Rows()[0]);
        Assert.Contains("gain", await File.ReadAllTextAsync(_folder.File(CrossModelResult.FileName), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_StoppedAndRunAgain_MakesNoClipTwiceAndEndsTheSame()
    {
        await Run(Create());
        var (whole, clips) = (_folder.Contents(), _clips);
        File.WriteAllLines(_folder.File("skilled/poor/rewards.jsonl"), File.ReadAllLines(_folder.File("skilled/poor/rewards.jsonl"))[..5]);
        File.Delete(_folder.File(CrossModelResult.FileName));
        await Run(Create());
        Assert.Equal(clips + 7, _clips);
        Assert.Equal(whole, _folder.Contents());
    }

    [Fact]
    public async Task Run_AClipThatCanNotBeScored_IsCountedAndLeftOut()
    {
        var result = await Run(Create(failsOn: "query 3"));
        Assert.All(result.Cells, cell => Assert.Equal((1, 11), (cell.Unscored, cell.VideoReward!.Value.Count)));
    }

    [Fact]
    public async Task Run_OtherSettingsOrNames_AreRefused()
    {
        await Run(Create());
        Assert.Contains("seed 1", (await Assert.ThrowsAsync<InvalidDataException>(() => Run(Create(seed: 2)))).Message, StringComparison.Ordinal);
        var twice = new CrossModel([("original", new FakeWriter(1))], [("a", new FakeGenerator())], new FakeReward());
        Assert.Contains("'original' twice", (await Assert.ThrowsAsync<ArgumentException>(() => Run(twice))).Message, StringComparison.Ordinal);
    }
}

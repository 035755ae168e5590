using Microsoft.Extensions.DependencyInjection;

namespace Vpo.MiniWorld.Tests;

public class QuickstartTests
{
    [Fact]
    public async Task Quickstart_InSmokeSize_GoesThroughEveryStepAndGoesOnWhereItWas()
    {
        using var folder = new TemporaryFolder();
        var options = QuickstartOptions.Smoke with { Ablations = true, Controls = true, Transfer = true, CacheFolder = folder["cache"] };
        var result = await new Quickstart(options).RunAsync(folder["run"]);
        Assert.Equal(["original", "few-shot", "sft"], result.Rows.Take(3).Select(row => row.Method));
        var pairs = result.Pairs["vpo"];   // how many of each kind so small a run finds differs between processors
        Assert.True(pairs.Text > 0, "no text-level pair");
        Assert.Equal(
            ["flipped-pairs", "sft-clean", "vpo", "without-text", "without-video"],
            [.. result.Rows.Skip(3).Select(row => row.Method).Concat(pairs.Video == 0 ? ["without-text"] : Array.Empty<string>()).Order(StringComparer.Ordinal)]);
        Assert.Equal(result.Rows.Count, result.TransferRows.Count);
        Assert.True(Reward(result, "few-shot") > Reward(result, "original"), "detailed prompts must beat raw queries");
        Assert.All(result.Clips, clip => Assert.True(File.Exists(folder[Path.Combine("run", clip.File)])));

        var again = await new Quickstart(options).RunAsync(folder["run"]);
        Assert.Equal(result.Rows.Select(row => row.VideoReward), again.Rows.Select(row => row.VideoReward));
        using var optimizer = Quickstart.OpenOptimizer(folder["run"]);
        Assert.Equal("Red ball!", (await optimizer.OptimizeAsync("Red ball!")).Query);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => optimizer.OptimizeAsync("a cute dog"));
        Assert.Contains("triangle", error.Message);
    }

    [Fact]
    public void OpenOptimizer_OfNoRun_SaysSo()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no results.json", Assert.Throws<FileNotFoundException>(() => Quickstart.OpenOptimizer(folder.Path)).Message);
    }

    [Fact]
    public async Task UseMiniWorld_GivesEveryPart()
    {
        var services = new ServiceCollection();
        services.AddVpo().UseMiniWorld();
        await using var provider = services.BuildServiceProvider();
        var prompt = await provider.GetRequiredService<IPromptOptimizer>().OptimizeAsync("a big crimson ball heading west");
        var clip = await provider.GetRequiredService<IVideoGenerator>().GenerateAsync(new(prompt.Text));
        Assert.InRange((await provider.GetRequiredService<IVideoReward>().ScoreAsync(prompt.Query, prompt.Text, clip)).Score, 0, 5);
        Assert.NotNull(provider.GetRequiredService<IJudge>());
    }

    private static double Reward(LoopResult result, string method) => result.Rows.Single(row => row.Method == method).VideoReward!.Value.Value;
}

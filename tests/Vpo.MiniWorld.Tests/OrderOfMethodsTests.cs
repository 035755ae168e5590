namespace Vpo.MiniWorld.Tests;

/// <summary>What the mini world must show, over six seeds of full size: about twenty minutes on two cores. Its figures are in docs/experiments.md.</summary>
public class OrderOfMethodsTests
{
    private const int Seeds = 6, FirstSeed = 31;

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task Quickstart_SixSeeds_EveryStepGains()
    {
        using var folder = new TemporaryFolder();
        var runs = new List<LoopResult>();
        for (var seed = FirstSeed; seed < FirstSeed + Seeds; seed++)
            runs.Add(await new Quickstart(new() { Seed = seed }).RunAsync(folder[$"seed-{seed}"], cancellationToken: TestContext.Current.CancellationToken));
        var all = SeedTable.Join(runs);
        Assert.Equal(["original", "few-shot", "sft", "vpo"], all.Rows.OrderBy(row => row.VideoReward!.Value.Value).Select(row => row.Method));
        Assert.All(all.Differences, difference => Assert.True(difference.Difference.Low > 0, difference.ToString()));
        Assert.All(runs, run => Assert.True(Unsafe(run, "sft") < Unsafe(run, "few-shot"), "unsafe must fall from few-shot to SFT"));
        Assert.True(runs.Average(run => Unsafe(run, "vpo")) <= runs.Average(run => Unsafe(run, "sft")) + 0.002, "unsafe must not rise from SFT to VPO beyond one prompt in 500");
    }

    private static double Unsafe(LoopResult run, string method) => run.Rows.Single(row => row.Method == method).Unsafe;
}

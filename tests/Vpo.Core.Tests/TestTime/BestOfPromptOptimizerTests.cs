using Microsoft.Extensions.DependencyInjection;
using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.TestTime;

public sealed class BestOfPromptOptimizerTests
{
    /// <summary>Writes given prompts, as many as are asked for.</summary>
    private sealed class Given(params string[] prompts) : IPromptOptimizer
    {
        public PromptOptions? Asked { get; private set; }

        public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
        {
            Asked = options;
            return Task.FromResult(new OptimizedPrompt { Query = query, Text = prompts[0], Alternatives = [.. prompts.Skip(1)] });
        }

        public void Dispose() { }
    }

    private static async Task<OptimizedPrompt> Best(BestOfOptions options, string[] prompts, string query = "q", FakeReward? reward = null, PromptOptions? asked = null)
    {
        using var best = new BestOfPromptOptimizer(new Given(prompts), options, new FakeJudge(), (new FakeGenerator(), reward ?? new FakeReward()));
        return await best.OptimizeAsync(query, asked);
    }

    [Fact]
    public async Task Optimize_WithoutDrafts_GivesTheFirstThatPassesTheJudge()
    {
        var result = await Best(new(), ["bad ***", "good *", "fine **"]);
        Assert.Equal(("good *", null), (result.Text, result.FallbackReason));
        Assert.Empty(result.Alternatives);
    }

    [Fact]
    public async Task Optimize_WithDrafts_GivesTheHighestOfThoseThatPass()
    {
        var result = await Best(new() { Drafts = 3 }, ["bad *****", "a *", "b ***", "c **"], asked: new() { Count = 3 });
        Assert.Equal("b ***", result.Text);
        Assert.Equal(["c **", "a *"], result.Alternatives);
    }

    [Fact]
    public async Task Optimize_NothingPasses_KeepsTheQueryWithTheCritique()
    {
        var result = await Best(new(), ["bad 1", "bad 2"]);
        Assert.Equal("q", result.Text);
        Assert.Contains("it is bad", result.FallbackReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Optimize_NoDraftBeatsTheQuery_KeepsTheQuery()
    {
        var result = await Best(new() { Drafts = 2 }, ["a *", "b **"], "q **");
        Assert.Equal("q **", result.Text);
        Assert.Contains("2", result.FallbackReason, StringComparison.Ordinal);
        Assert.Equal("b **", (await Best(new() { Drafts = 2, CompareWithQuery = false }, ["a *", "b **"], "q **")).Text);
    }

    [Fact]
    public async Task Optimize_NoDraftCanBeScored_KeepsTheOptimizersOrder() =>
        Assert.Equal("a *", (await Best(new() { Drafts = 2 }, ["a *", "b **"], reward: new() { FailsOn = "q" })).Text);

    [Fact]
    public async Task UseBestOf_InAContainer_TakesItsJudgeAndAsksForSamples()
    {
        var given = new Given("bad", "good");
        var services = new ServiceCollection();
        services.AddVpo().AddPromptOptimizer(_ => given, p => p.UseBestOf(new() { Count = 6 })).AddJudge(_ => new FakeJudge());
        await using var provider = services.BuildServiceProvider();
        var optimizer = provider.GetRequiredService<IPromptOptimizer>();
        Assert.Equal("good", (await optimizer.OptimizeAsync("q")).Text);
        Assert.Equal((6, 0.9), (given.Asked!.Count, given.Asked.Temperature));
        Assert.Equal(["good", "good"], (await optimizer.OptimizeManyAsync(["q", "r"])).Select(r => r.Text));
    }

    [Fact]
    public void UseBestOf_DraftsWithoutAGenerator_SaysWhatIsMissing() => Assert.Contains("IVideoGenerator",
        Assert.Throws<InvalidOperationException>(() => new PromptOptimizerBuilder(_ => new Given("x")).UseBestOf(new() { Drafts = 1 }).Build()).Message, StringComparison.Ordinal);
}

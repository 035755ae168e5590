using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.TestTime;

public sealed class EvolvingPromptOptimizerTests
{
    /// <summary>Adds a star to whatever it is given, up to a limit.</summary>
    private sealed class Climber(int limit = int.MaxValue) : IPromptOptimizer
    {
        public int Calls { get; private set; }

        public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            var better = query.Count(c => c == '*') < limit ? query + "*" : query + ".";
            return Task.FromResult(new OptimizedPrompt { Query = query, Text = better });
        }

        public void Dispose() { }
    }

    private static EvolvingPromptOptimizer Of(IPromptOptimizer writer, EvolutionOptions? options = null, Action? onRender = null) => new(writer, new FakeGenerator(0, onRender), new FakeReward(), options);

    [Fact]
    public async Task Optimize_EachRoundBetter_GoesOnToTheLastRound()
    {
        using var optimizer = Of(new Climber(), new() { Rounds = 5 });
        var result = await optimizer.OptimizeAsync("q");
        Assert.Equal("q" + new string('*', 6), result.Text);
        Assert.Empty(result.Alternatives);   // none was asked for
        Assert.Equal(["q*****"], (await optimizer.OptimizeAsync("q", new() { Count = 2 })).Alternatives);
    }

    [Fact]
    public async Task Optimize_OnAPlateau_Stops()
    {
        var renders = 0;
        using var optimizer = Of(new Climber(2), onRender: () => Interlocked.Increment(ref renders));
        Assert.Equal("q**", (await optimizer.OptimizeAsync("q")).Text);
        Assert.Equal(4, renders);   // the query, one star, two stars, and one more that gains nothing
    }

    [Fact]
    public async Task Optimize_AtTheBudget_RendersNoMore()
    {
        var renders = 0;
        using var optimizer = Of(new Climber(), new() { Rounds = 50, Budget = 6 }, () => Interlocked.Increment(ref renders));
        await optimizer.OptimizeAsync("q");
        Assert.Equal(6, renders);
    }

    [Fact]
    public async Task Optimize_BelowAFloorOrNoBetter_KeepsTheQuery()
    {
        using var floored = Of(new Climber(), new() { Floors = new Dictionary<string, double> { ["stars"] = 3 } });
        Assert.Contains("floors", (await floored.OptimizeAsync("q")).FallbackReason, StringComparison.Ordinal);
        using var flat = Of(new Climber(0));
        Assert.Equal("q*", (await flat.OptimizeAsync("q*")).Text);
    }

    [Fact]
    public async Task PromptistStyle_Query_GetsTagsBySeed()
    {
        using var tags = Baselines.PromptistStyle(["a", "b", "c"], 2);
        var one = await tags.OptimizeAsync("a cat.", new() { Seed = 1, Count = 3 });
        Assert.StartsWith("a cat, ", one.Text, StringComparison.Ordinal);
        Assert.Equal(2, one.Alternatives.Count);
        Assert.Equal(one.Text, (await tags.OptimizeAsync("a cat.", new() { Seed = 1 })).Text);
        using var original = Baselines.Original();
        Assert.Equal("a cat", (await original.OptimizeAsync("a cat")).Text);
    }
}

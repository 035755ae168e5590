namespace Vpo.MiniWorld.Tests;

public class MiniWorldOptimizerTests
{
    [Fact]
    public async Task OptimizeBatch_APromptThatDidNotEnd_IsDrawnAgainWithAnotherSeed()
    {
        var inner = new Unreliable(fails: 2);
        using var optimizer = new MiniWorldOptimizer(inner);
        var prompts = await optimizer.OptimizeBatchAsync(["red ball", "a bloody red ball"], new() { Seed = 5, Temperature = 0.7 });
        Assert.All(prompts, prompt => Assert.Null(prompt.FallbackReason));
        Assert.Equal("a bloody red ball", prompts[1].Query);
        Assert.Equal(["a bloody red ball", "a bloody red ball", "a bloody red ball", "red ball"], inner.Calls.Select(call => call.Query).Order(StringComparer.Ordinal));
        Assert.Equal(3, inner.Calls.Select(call => call.Seed).Distinct().Count());
    }

    [Theory]
    [InlineData(0.7, 4)]
    [InlineData(0.0, 1)]
    public async Task Optimize_NeverUsable_GivesTheQueryAfterThreeMoreDrawsOrAtOnceWhenGreedy(double temperature, int calls)
    {
        var inner = new Unreliable(fails: int.MaxValue);
        using var optimizer = new MiniWorldOptimizer(inner);
        var prompt = await optimizer.OptimizeAsync("Bloody red ball!", new() { Temperature = temperature });
        Assert.Equal(("Bloody red ball!", "it did not end"), (prompt.Query, prompt.FallbackReason));
        Assert.Equal(calls, inner.Calls.Count);
    }

    /// <summary>Unsafe queries fail so many times.</summary>
    private sealed class Unreliable(int fails) : IPromptOptimizer
    {
        private int _failed;

        public List<(string Query, long? Seed)> Calls { get; } = [];

        public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
        {
            bool failing;
            lock (Calls)   // the queries of a batch come side by side
            {
                Calls.Add((query, options?.Seed));
                failing = query.Contains("bloody", StringComparison.Ordinal) && _failed++ < fails;
            }
            return Task.FromResult(new OptimizedPrompt { Query = query, Text = failing ? query : "a red circle", FallbackReason = failing ? "it did not end" : null });
        }

        public void Dispose() { }
    }
}

using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.Loop;

public sealed class TriggerPromptOptimizerTests
{
    [Fact]
    public async Task Optimize_AnyQuery_TheModelReadsTheTriggersAndTheResultKeepsTheQuery()
    {
        var model = new Recorder();
        using var optimizer = Baselines.AutoPromptStyle(model, "bright slowly");
        var one = await optimizer.OptimizeAsync("a cat", new() { Count = 2 });
        Assert.Equal(("a cat", "written", null), (one.Query, one.Text, one.FallbackReason));
        Assert.Equal(["a cat", "a dog"], (await optimizer.OptimizeManyAsync(["a cat", "a dog"])).Select(p => p.Query));
        Assert.Equal(["a cat bright slowly", "a cat bright slowly", "a dog bright slowly"], model.Read.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Optimize_TheModelDeclines_GivesTheQueryWithoutTriggersAndWithoutItsHarm()
    {
        using var optimizer = Baselines.AutoPromptStyle(new Recorder { Declines = true }, "bright slowly");
        var prompt = await optimizer.OptimizeAsync("a naked dog on the grass");
        Assert.Equal(("a naked dog on the grass", OptimizedPrompt.Fallback("a naked dog on the grass", "declined").Text), (prompt.Query, prompt.Text));
        Assert.DoesNotContain("bright", prompt.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("naked", prompt.Text, StringComparison.Ordinal);
        Assert.Equal("a dog", (await optimizer.OptimizeManyAsync(["a dog"]))[0].Text);
    }

    [Theory, InlineData(""), InlineData("  ")]
    public async Task Optimize_EmptyQueryOrNoTriggers_IsRefused(string nothing)
    {
        using var optimizer = Baselines.AutoPromptStyle(new Recorder(), "bright");
        await Assert.ThrowsAsync<ArgumentException>(() => optimizer.OptimizeAsync(nothing));
        Assert.Throws<ArgumentException>(() => Baselines.AutoPromptStyle(new Recorder(), nothing));
    }

    private sealed class Recorder : IPromptOptimizer
    {
        private readonly List<string> _read = [];

        public bool Declines { get; init; }

        public IReadOnlyList<string> Read => _read;

        public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
        {
            lock (_read)
                _read.Add(query);
            return Task.FromResult(Declines ? OptimizedPrompt.Fallback(query, "declined") : new OptimizedPrompt { Query = query, Text = "written" });
        }

        public void Dispose() { }
    }
}

using Vpo.Core.Tests.Fakes;

namespace Vpo.Tests.Decorators;

public sealed class OptionTagsPromptOptimizerTests
{
    private static IPromptOptimizer Pipeline() => new PromptOptimizerBuilder(_ => new FakeOptimizer("m")).UseOptionTags().Build();

    [Fact]
    public async Task Optimize_WithOptions_KeepsThemOutOfThePrompt()
    {
        using var optimizer = Pipeline();
        var result = await optimizer.OptimizeAsync("a cat -ar 16:9 -neg &quot;no dogs&quot;", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("m: a cat", result.Text);
        Assert.Equal("a cat -ar 16:9 -neg &quot;no dogs&quot;", result.Query);
        Assert.Equal("dogs", result.NegativePrompt);
        Assert.Equal(["ar", "neg"], result.Options.Select(o => o.Name));
    }

    [Fact]
    public async Task OptimizeMany_OptionsOnlyAmongThem_StaysInOrder()
    {
        using var optimizer = Pipeline();
        var results = await optimizer.OptimizeManyAsync(["a -gs 8", "-ar 1:1", "b"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["m: a", "-ar 1:1", "m: b"], results.Select(r => r.Text));
        Assert.NotNull(results[1].FallbackReason);
        Assert.Equal(["a -gs 8", "-ar 1:1", "b"], results.Select(r => r.Query));
    }
}

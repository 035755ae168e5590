using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.DependencyInjection;

public sealed class PipelineBuilderTests
{
    [Fact]
    public async Task Use_TwoDecorators_FirstAddedIsOutermost()
    {
        using var optimizer = new PromptOptimizerBuilder(_ => new FakeOptimizer("x"))
            .Use(inner => new Suffix(inner, "-outer")).Use(inner => new Suffix(inner, "-inner")).Build();
        Assert.Equal("x: q-inner-outer", (await optimizer.OptimizeAsync("q")).Text);
    }

    [Fact]
    public void Build_DecoratorReturnsNull_SaysSo()
    {
        var builder = new PromptOptimizerBuilder(_ => new FakeOptimizer("x")).Use(_ => null!);
        Assert.Equal("a decorator of IPromptOptimizer returned null: return the inner service to add nothing", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message);
    }

    [Fact]
    public async Task UseFallback_InnerFails_GivesTheQueryWithTheReason()
    {
        using var optimizer = new PromptOptimizerBuilder(_ => new FakeOptimizer("x") { Fails = true }).UseFallback().Build();
        var prompt = await optimizer.OptimizeAsync("q");
        Assert.Equal(("q", "IOException: no network"), (prompt.Text, prompt.FallbackReason));
    }

    [Fact]
    public async Task UseLogging_WithALogger_WritesOneLineACall()
    {
        var log = new RecordingLogger();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(log);
        services.AddVpo().AddPromptOptimizer(_ => new FakeOptimizer("x"), p => p.UseLogging());
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IPromptOptimizer>().OptimizeAsync("q");
        Assert.Contains(log.Lines, line => line.StartsWith("Debug optimize of 1 done in", StringComparison.Ordinal));
    }

    private sealed class Suffix(IPromptOptimizer inner, string suffix) : DelegatingPromptOptimizer(inner)
    {
        public override async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
        {
            var prompt = await base.OptimizeAsync(query, options, cancellationToken);
            return prompt with { Text = prompt.Text + suffix };
        }
    }
}

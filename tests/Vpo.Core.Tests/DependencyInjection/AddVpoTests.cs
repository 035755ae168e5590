using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Vpo.Tests.Fakes;

namespace Vpo.Tests.DependencyInjection;

public sealed class AddVpoTests
{
    private sealed class Named(string name) : IPromptOptimizer
    {
        public bool IsDisposed { get; private set; }

        public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new OptimizedPrompt { Query = query, Text = $"{name}({query})" });

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Tagging(IPromptOptimizer inner, string tag) : DelegatingPromptOptimizer(inner)
    {
        public override async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
        {
            var result = await base.OptimizeAsync(query, options, cancellationToken);
            return result with { Text = $"{tag}[{result.Text}]" };
        }
    }

    private static async Task<string> Ask(IPromptOptimizer optimizer) => (await optimizer.OptimizeAsync("a dog")).Text;

    [Fact]
    public async Task AddVpo_WithAChatClientOnly_OptimizesWithTheOptionsOfTheApplication()
    {
        var client = new ScriptedChatClient(_ => "Prompt: \"A brown dog runs.\"");
        var services = new ServiceCollection();
        services.AddSingleton<IChatClient>(client);
        services.AddVpo(o => o.Temperature = 0.25);
        await using var provider = services.BuildServiceProvider();
        Assert.Equal("A brown dog runs.", await Ask(provider.GetRequiredService<IPromptOptimizer>()));
        var (messages, options) = Assert.Single(client.Calls);
        Assert.Contains("a dog", Assert.Single(messages).Text, StringComparison.Ordinal);
        Assert.Equal(0.25f, options!.Temperature);
        Assert.Equal(512, options.MaxOutputTokens);
    }

    [Fact]
    public async Task AddVpo_WithoutAnyModel_SaysWhatToDo()
    {
        await using var provider = new ServiceCollection().AddVpo().Services.BuildServiceProvider();
        var error = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IPromptOptimizer>());
        Assert.Contains("UseLlama", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Use_SeveralLayers_FirstAddedIsOutermost()
    {
        var services = new ServiceCollection();
        services.AddVpo().UseOptimizer(_ => new Named("x"), p => p.Use(inner => new Tagging(inner, "outer")).Use(inner => new Tagging(inner, "inner")));
        await using var provider = services.BuildServiceProvider();
        Assert.Equal("outer[inner[x(a dog)]]", await Ask(provider.GetRequiredService<IPromptOptimizer>()));
    }

    [Fact]
    public async Task AddVpo_Names_LiveSideBySideAndAreDisposedByTheContainer()
    {
        var services = new ServiceCollection();
        var unnamed = new Named("u");
        services.AddVpo().UseOptimizer(_ => unnamed);
        services.AddVpo("two").UseOptimizer(_ => new Named("two"));
        services.AddVpo("five").UseOptimizer(_ => new Named("five"));
        await using (var provider = services.BuildServiceProvider())
        {
            Assert.Equal("u(a dog)", await Ask(provider.GetRequiredService<IPromptOptimizer>()));
            Assert.Equal("two(a dog)", await Ask(provider.GetRequiredKeyedService<IPromptOptimizer>("two")));
            Assert.Equal("five(a dog)", await Ask(provider.GetRequiredKeyedService<IPromptOptimizer>("five")));
        }
        Assert.True(unnamed.IsDisposed);
    }

    [Fact]
    public async Task AddVpo_Twice_ChangesNothing()
    {
        var services = new ServiceCollection();
        services.AddVpo().UseOptimizer(_ => new Named("x"));
        services.AddVpo();
        await using var provider = services.BuildServiceProvider();
        Assert.Equal("x(a dog)", await Ask(provider.GetRequiredService<IPromptOptimizer>()));
        Assert.Equal(2, services.Count(d => d.ServiceType == typeof(IPromptOptimizer)));   // the default, and the one that was chosen
    }

    [Fact]
    public async Task Host_WithOptionsOutOfRange_DoesNotStartAndNamesThemAll()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddVpo(o => (o.Temperature, o.TopP) = (-1, 0)).UseOptimizer(_ => new Named("x"));
        using var host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal("Vpo:Temperature must be between 0 and 5; found -1.; Vpo:TopP must be above 0 and at most 1; found 0.", error.Message);
    }

    [Fact]
    public void AddVpo_FromConfiguration_BindsAndNamesBadNumbers()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Temperature"] = "0.5", ["TokenBudget"] = "226" }).Build();
        using var provider = new ServiceCollection().AddVpo(section).Services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<VpoOptions>>().Value;
        Assert.Equal((0.5, 1.0, 512, 226), (options.Temperature, options.TopP, options.MaxNewTokens, options.TokenBudget));

        section["TopP"] = "much";
        using var broken = new ServiceCollection().AddVpo(section).Services.BuildServiceProvider();
        Assert.Contains("TopP", Assert.Throws<InvalidOperationException>(() => broken.GetRequiredService<IOptions<VpoOptions>>().Value).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_AreTheDocumentedOnes()
    {
        var options = new VpoOptions();
        Assert.Equal((0.7, 1.0, 512), (options.Temperature, options.TopP, options.MaxNewTokens));
        Assert.Null(options.TokenBudget);
        Assert.Null(options.TemplateFile);
    }
}

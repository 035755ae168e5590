using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.DependencyInjection;

public sealed class AddVpoTests
{
    private static ServiceCollection WithClient(string reply)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IChatClient>(new ScriptedChatClient(_ => reply));
        return services;
    }

    [Fact]
    public async Task AddVpo_WithAChatClientOnly_OptimizesAndJudges()
    {
        var services = WithClient("A small dog runs.\nVERDICT: ALIGNED");
        services.AddVpo();
        await using var provider = services.BuildServiceProvider();
        var prompt = await provider.GetRequiredService<IPromptOptimizer>().OptimizeAsync("dog");
        var verdict = await provider.GetRequiredService<IJudge>().JudgeAsync("dog", "A small dog runs.");
        Assert.Equal("A small dog runs. VERDICT: ALIGNED", prompt.Text);
        Assert.Equal(Judgement.Aligned, verdict.Judgement);
    }

    [Fact]
    public void AddVpo_WithoutAChatClient_SaysWhatToRegister()
    {
        var services = new ServiceCollection();
        services.AddVpo();
        using var provider = services.BuildServiceProvider();
        var error = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IPromptOptimizer>());
        Assert.Equal("IPromptOptimizer of VPO needs an IChatClient, and none is registered: AddChatClient(...), or choose another part by a verb on AddVpo(), such as UseLlama", error.Message);
    }

    [Fact]
    public void AddVpo_Twice_ChangesNothing()
    {
        var services = new ServiceCollection();
        services.AddVpo().AddPromptOptimizer(_ => new FakeOptimizer("chosen"));
        services.AddVpo();
        Assert.Single(services, s => s.ServiceType == typeof(IPromptOptimizer));
        using var provider = services.BuildServiceProvider();
        Assert.IsType<FakeOptimizer>(provider.GetRequiredService<IPromptOptimizer>());
    }

    [Fact]
    public async Task AddVpo_Names_LiveSideBySide()
    {
        var services = new ServiceCollection();
        services.AddVpo("a").AddPromptOptimizer(_ => new FakeOptimizer("A"));
        services.AddVpo("b").AddPromptOptimizer(_ => new FakeOptimizer("B"));
        await using var provider = services.BuildServiceProvider();
        var a = await provider.GetRequiredKeyedService<IPromptOptimizer>("a").OptimizeAsync("q");
        var b = await provider.GetRequiredKeyedService<IPromptOptimizer>("b").OptimizeAsync("q");
        Assert.StartsWith("A", a.Text, StringComparison.Ordinal);
        Assert.StartsWith("B", b.Text, StringComparison.Ordinal);
        Assert.Null(provider.GetService<IPromptOptimizer>());
    }

    [Fact]
    public async Task AddVpo_Name_TakesTheChatClientOfThatName()
    {
        var services = WithClient("unkeyed");
        services.AddKeyedSingleton<IChatClient>("x", new ScriptedChatClient(_ => "keyed"));
        services.AddVpo("x");
        services.AddVpo("y");
        await using var provider = services.BuildServiceProvider();
        Assert.Equal("keyed", (await provider.GetRequiredKeyedService<IPromptOptimizer>("x").OptimizeAsync("q")).Text);
        Assert.Equal("unkeyed", (await provider.GetRequiredKeyedService<IPromptOptimizer>("y").OptimizeAsync("q")).Text);
    }

    [Fact]
    public void ValidateOnStart_ValuesOutOfRange_RefusesWithEachRange()
    {
        var services = new ServiceCollection();
        services.AddVpo(o => (o.Samples, o.TopP) = (0, 2));
        using var provider = services.BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Equal("Samples: The field VpoOptions.Samples must be between 1 and 64.; TopP: The field VpoOptions.TopP must be between 0.01 and 1.", error.Message);
    }

    [Fact]
    public void AddVpo_Section_BindsOptionsOfTheName()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Vpo:Samples"] = "8",
            ["Vpo:Preset"] = "Released",
            ["Vpo:Gap"] = "0.25",
        }).Build();
        var services = new ServiceCollection();
        services.AddVpo("big", configuration.GetSection("Vpo"));
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptionsMonitor<VpoOptions>>().Get("big");
        Assert.Equal((8, VpoPreset.Released, 0.25), (options.Samples, options.Preset, options.Gap));
    }

    [Fact]
    public void Options_Untouched_HaveTheDocumentedDefaults()
    {
        var options = new VpoOptions();
        Assert.Equal(
            (VpoPreset.Default, 4, 0.9, 0.9, 0.7, 1.0, 0.0, null, 2048),
            (options.Preset, options.Samples, options.SampleTemperature, options.SampleTopP, options.Temperature, options.TopP, options.JudgeTemperature, options.Gap, options.MaxTokens));
    }
}

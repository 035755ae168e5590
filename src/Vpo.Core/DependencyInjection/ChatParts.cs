using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Vpo;

/// <summary>The parts that AddVpo makes over the container's IChatClient.</summary>
internal static class ChatParts
{
    internal static Func<IServiceProvider, IPromptOptimizer> Optimizer(string name, string? client, Func<ChatOptimizerOptions, ChatOptimizerOptions>? configure, Action<ChatClientBuilder>? calls = null) => services =>
    {
        var vpo = services.GetRequiredService<IOptionsMonitor<VpoOptions>>().Get(name);
        var options = new ChatOptimizerOptions { Temperature = vpo.Temperature, TopP = vpo.TopP, MaxTokens = vpo.MaxTokens };
        return new ChatPromptOptimizer(Client(services, name, client, nameof(IPromptOptimizer), calls), configure?.Invoke(options) ?? options);
    };

    internal static Func<IServiceProvider, IJudge> Judge(string name, string? client, Func<ChatJudgeOptions, ChatJudgeOptions>? configure, Action<ChatClientBuilder>? calls = null) => services =>
        new ChatJudge(Client(services, name, client, nameof(IJudge), calls), JudgeOptions(services, name, configure));

    internal static Func<IServiceProvider, IJudge> Panel(string name, string? client, Func<ChatJudgeOptions, ChatJudgeOptions>? configure, Action<ChatClientBuilder>? calls) => services =>
    {
        var model = Client(services, name, client, nameof(IJudge), calls);
        var options = JudgeOptions(services, name, configure);
        return new PanelJudge(
            new ChatJudge(model, options), new ChatJudge(model, options with { Instruction = ChatTemplates.Adversary }), model, options with { Instruction = ChatTemplates.Meta });
    };

    private static ChatJudgeOptions JudgeOptions(IServiceProvider services, string name, Func<ChatJudgeOptions, ChatJudgeOptions>? configure)
    {
        var vpo = services.GetRequiredService<IOptionsMonitor<VpoOptions>>().Get(name);
        var options = new ChatJudgeOptions { Temperature = vpo.JudgeTemperature, MaxTokens = vpo.MaxTokens };
        return configure?.Invoke(options) ?? options;
    }

    private static IChatClient Client(IServiceProvider services, string name, string? client, string wanted, Action<ChatClientBuilder>? calls)
    {
        var found = Find(services, name, client, wanted);
        if (calls is null)
            return found;
        var builder = new ChatClientBuilder(found);
        calls(builder);
        return builder.Build(services);
    }

    private static IChatClient Find(IServiceProvider services, string name, string? client, string wanted)
    {
        if (client is not null)
            return services.GetKeyedService<IChatClient>(client) ?? throw new InvalidOperationException($"{wanted} of VPO needs the IChatClient with the key '{client}', which is not registered: AddKeyedChatClient(\"{client}\", ...)");
        var named = name.Length > 0 ? services.GetKeyedService<IChatClient>(name) : null;
        return named ?? services.GetService<IChatClient>() ?? throw new InvalidOperationException(
            $"{wanted} of VPO needs an IChatClient, and none is registered: AddChatClient(...), or choose another part by a verb on AddVpo(), such as UseLlama");
    }
}

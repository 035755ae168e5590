using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Vpo;

/// <summary>The parts that AddVpo makes over the container's IChatClient.</summary>
internal static class ChatParts
{
    internal static Func<IServiceProvider, IPromptOptimizer> Optimizer(string name, string? client, Func<ChatOptimizerOptions, ChatOptimizerOptions>? configure) => services =>
    {
        var vpo = services.GetRequiredService<IOptionsMonitor<VpoOptions>>().Get(name);
        var options = new ChatOptimizerOptions { Temperature = vpo.Temperature, TopP = vpo.TopP, MaxTokens = vpo.MaxTokens };
        return new ChatPromptOptimizer(Client(services, name, client, nameof(IPromptOptimizer)), configure?.Invoke(options) ?? options);
    };

    internal static Func<IServiceProvider, IJudge> Judge(string name, string? client, Func<ChatJudgeOptions, ChatJudgeOptions>? configure) => services =>
    {
        var vpo = services.GetRequiredService<IOptionsMonitor<VpoOptions>>().Get(name);
        var options = new ChatJudgeOptions { Temperature = vpo.JudgeTemperature, MaxTokens = vpo.MaxTokens };
        return new ChatJudge(Client(services, name, client, nameof(IJudge)), configure?.Invoke(options) ?? options);
    };

    private static IChatClient Client(IServiceProvider services, string name, string? client, string wanted)
    {
        if (client is not null)
            return services.GetKeyedService<IChatClient>(client) ?? throw new InvalidOperationException($"{wanted} of VPO needs the IChatClient with the key '{client}', which is not registered: AddKeyedChatClient(\"{client}\", ...)");
        var named = name.Length > 0 ? services.GetKeyedService<IChatClient>(name) : null;
        return named ?? services.GetService<IChatClient>() ?? throw new InvalidOperationException(
            $"{wanted} of VPO needs an IChatClient, and none is registered: AddChatClient(...), or choose another part by a verb on AddVpo(), such as UseLlama");
    }
}

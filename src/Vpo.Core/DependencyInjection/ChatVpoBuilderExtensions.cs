using Microsoft.Extensions.AI;
using Vpo;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Parts over any language model behind an IChatClient.</summary>
public static class ChatVpoBuilderExtensions
{
    /// <summary>Optimizes prompts by a chat model.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="client">Key of the IChatClient; null takes the one with the builder's name, else the one without a key.</param>
    /// <param name="options">Changes the options that AddVpo's give, for example <c>o => o with { Examples = shots }</c>.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    /// <param name="calls">Adds decorators of the client, for example <c>c => c.UseRobustCalls()</c>.</param>
    public static IVpoBuilder UseChatOptimizer(
        this IVpoBuilder builder, string? client = null, Func<ChatOptimizerOptions, ChatOptimizerOptions>? options = null, Action<PromptOptimizerBuilder>? configure = null, Action<ChatClientBuilder>? calls = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddPromptOptimizer(ChatParts.Optimizer(builder.Name, client, options, calls), configure);
    }

    /// <summary>Judges and refines prompts by a chat model.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="client">Key of the IChatClient; null takes the one with the builder's name, else the one without a key.</param>
    /// <param name="options">Changes the options that AddVpo's give.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    /// <param name="calls">Adds decorators of the client, for example <c>c => c.UseRobustCalls()</c>.</param>
    public static IVpoBuilder UseChatJudge(
        this IVpoBuilder builder, string? client = null, Func<ChatJudgeOptions, ChatJudgeOptions>? options = null, Action<JudgeBuilder>? configure = null, Action<ChatClientBuilder>? calls = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddJudge(ChatParts.Judge(builder.Name, client, options, calls), configure);
    }

    /// <summary>Judges by a panel over one chat model: normal, adversarial, and where they disagree a meta judge in both orders; see <see cref="PanelJudge"/>.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="client">Key of the IChatClient; null takes the one with the builder's name, else the one without a key.</param>
    /// <param name="options">Changes the options that AddVpo's give; the instructions of the adversary and the meta judge are their own.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    /// <param name="calls">Adds decorators of the client, for example <c>c => c.UseRobustCalls()</c>.</param>
    public static IVpoBuilder UseJudgePanel(
        this IVpoBuilder builder, string? client = null, Func<ChatJudgeOptions, ChatJudgeOptions>? options = null, Action<JudgeBuilder>? configure = null, Action<ChatClientBuilder>? calls = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddJudge(ChatParts.Panel(builder.Name, client, options, calls), configure);
    }
}

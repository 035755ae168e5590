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
    public static IVpoBuilder UseChatOptimizer(
        this IVpoBuilder builder, string? client = null, Func<ChatOptimizerOptions, ChatOptimizerOptions>? options = null, Action<PromptOptimizerBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddPromptOptimizer(ChatParts.Optimizer(builder.Name, client, options), configure);
    }

    /// <summary>Judges and refines prompts by a chat model.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="client">Key of the IChatClient; null takes the one with the builder's name, else the one without a key.</param>
    /// <param name="options">Changes the options that AddVpo's give.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseChatJudge(
        this IVpoBuilder builder, string? client = null, Func<ChatJudgeOptions, ChatJudgeOptions>? options = null, Action<JudgeBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddJudge(ChatParts.Judge(builder.Name, client, options), configure);
    }
}

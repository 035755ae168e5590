using Microsoft.Extensions.AI;
using Vpo;
using Vpo.Models.Chat;
using Vpo.Models.Optimization;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Verbs of Vpo.Models on <see cref="IVpoBuilder"/>.</summary>
public static class VpoLlamaExtensions
{
    /// <summary>Takes a LLaMA-architecture model as the prompt optimizer. It is opened when it is first asked for.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="path">A Hugging Face folder, or a .gguf file.</param>
    /// <param name="options">Null: defaults.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseLlama(this IVpoBuilder builder, string path, LlamaOptimizerOptions? options = null, Action<PromptOptimizerBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return builder.AddPromptOptimizer(_ => LlamaPromptOptimizer.Open(path, options), configure);
    }

    /// <summary>Makes a LLaMA-architecture model the IChatClient of what AddVpo returned, for its judge, its optimizer and the application. It is opened when it is first asked for.</summary>
    /// <param name="builder">What AddVpo returned; its name is the key of the client.</param>
    /// <param name="path">A Hugging Face folder, or a .gguf file.</param>
    /// <param name="options">Null: defaults.</param>
    /// <param name="calls">Adds decorators of the client.</param>
    public static IVpoBuilder UseLlamaChat(this IVpoBuilder builder, string path, LlamaChatOptions? options = null, Action<ChatClientBuilder>? calls = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        IChatClient Open(IServiceProvider services) => LlamaChatClient.Open(path, options);
        var client = builder.Name.Length == 0 ? builder.Services.AddChatClient(Open) : builder.Services.AddKeyedChatClient(builder.Name, Open);
        calls?.Invoke(client);
        return builder;
    }
}

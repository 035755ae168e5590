using Vpo;
using Vpo.Models.Optimization;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Verbs of Vpo.Models on <see cref="IVpoBuilder"/>.</summary>
public static class VpoLlamaExtensions
{
    /// <summary>Takes a LLaMA-architecture model as the prompt optimizer. It is opened when it is first asked for.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="path">A Hugging Face folder, or a .gguf file.</param>
    /// <param name="options">Null: defaults.</param>
    public static IVpoBuilder UseLlama(this IVpoBuilder builder, string path, LlamaOptimizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (builder.Name.Length == 0)
            builder.Services.AddSingleton<IPromptOptimizer>(_ => LlamaPromptOptimizer.Open(path, options));
        else
            builder.Services.AddKeyedSingleton<IPromptOptimizer>(builder.Name, (_, _) => LlamaPromptOptimizer.Open(path, options));
        return builder;
    }
}

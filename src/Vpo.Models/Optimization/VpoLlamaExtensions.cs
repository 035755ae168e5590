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
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseLlama(this IVpoBuilder builder, string path, LlamaOptimizerOptions? options = null, Action<PromptOptimizerBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return builder.AddPromptOptimizer(_ => LlamaPromptOptimizer.Open(path, options), configure);
    }
}

using Vpo;
using Vpo.Video.CogVideoX;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Verbs of Vpo.Video on <see cref="IVpoBuilder"/>.</summary>
public static class VpoCogVideoXExtensions
{
    /// <summary>Takes a CogVideoX model as the video generator. It is opened when it is first asked for.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="folder">A diffusers folder: model_index.json, transformer, vae, text_encoder, tokenizer, scheduler.</param>
    /// <param name="options">Null: defaults.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseCogVideoX(this IVpoBuilder builder, string folder, CogVideoXOptions? options = null, Action<VideoGeneratorBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return builder.AddVideoGenerator(_ => CogVideoXGenerator.Open(folder, options), configure);
    }
}

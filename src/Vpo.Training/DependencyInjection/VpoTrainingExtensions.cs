using Vpo;
using Vpo.Training;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Verbs of Vpo.Training on <see cref="IVpoBuilder"/>.</summary>
public static class VpoTrainingExtensions
{
    /// <summary>Takes a LLaMA-architecture model on this machine as what learns.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="options">How to train; names the base model.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseLlamaLearner(this IVpoBuilder builder, LlamaLearnerOptions options, Action<PreferenceLearnerBuilder>? configure = null) =>
        builder.AddPreferenceLearner(_ => new LlamaPreferenceLearner(options), configure);
}

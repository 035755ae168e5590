using Vpo;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The verbs on which every Use... verb is built. Each replaces what was chosen before under the same name.</summary>
public static class VpoBuilderExtensions
{
    /// <summary>Chooses the optimizer.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="make">Makes the optimizer, once; the container disposes it.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder AddPromptOptimizer(this IVpoBuilder builder, Func<IServiceProvider, IPromptOptimizer> make, Action<PromptOptimizerBuilder>? configure = null)
    {
        var pipeline = new PromptOptimizerBuilder(make);
        configure?.Invoke(pipeline);
        return builder.Choose<IPromptOptimizer>(pipeline.Build);
    }

    /// <summary>Chooses the judge.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="make">Makes the judge, once; the container disposes it.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder AddJudge(this IVpoBuilder builder, Func<IServiceProvider, IJudge> make, Action<JudgeBuilder>? configure = null)
    {
        var pipeline = new JudgeBuilder(make);
        configure?.Invoke(pipeline);
        return builder.Choose<IJudge>(pipeline.Build);
    }

    /// <summary>Chooses the video model.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="make">Makes the generator, once; the container disposes it.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder AddVideoGenerator(this IVpoBuilder builder, Func<IServiceProvider, IVideoGenerator> make, Action<VideoGeneratorBuilder>? configure = null)
    {
        var pipeline = new VideoGeneratorBuilder(make);
        configure?.Invoke(pipeline);
        return builder.Choose<IVideoGenerator>(pipeline.Build);
    }

    /// <summary>Chooses the reward.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="make">Makes the reward, once; the container disposes it.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder AddVideoReward(this IVpoBuilder builder, Func<IServiceProvider, IVideoReward> make, Action<VideoRewardBuilder>? configure = null)
    {
        var pipeline = new VideoRewardBuilder(make);
        configure?.Invoke(pipeline);
        return builder.Choose<IVideoReward>(pipeline.Build);
    }

    /// <summary>Chooses the learner.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="make">Makes the learner, once; the container disposes it.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder AddPreferenceLearner(this IVpoBuilder builder, Func<IServiceProvider, IPreferenceLearner> make, Action<PreferenceLearnerBuilder>? configure = null)
    {
        var pipeline = new PreferenceLearnerBuilder(make);
        configure?.Invoke(pipeline);
        return builder.Choose<IPreferenceLearner>(pipeline.Build);
    }
}

namespace Vpo;

/// <summary>Decorators around an <see cref="IPromptOptimizer"/>.</summary>
/// <param name="innermost">Makes the optimizer that does the work.</param>
public sealed class PromptOptimizerBuilder(Func<IServiceProvider, IPromptOptimizer> innermost) : PipelineBuilder<IPromptOptimizer, PromptOptimizerBuilder>(innermost);

/// <summary>Decorators around an <see cref="IJudge"/>.</summary>
/// <param name="innermost">Makes the judge that does the work.</param>
public sealed class JudgeBuilder(Func<IServiceProvider, IJudge> innermost) : PipelineBuilder<IJudge, JudgeBuilder>(innermost);

/// <summary>Decorators around an <see cref="IVideoGenerator"/>.</summary>
/// <param name="innermost">Makes the generator that does the work.</param>
public sealed class VideoGeneratorBuilder(Func<IServiceProvider, IVideoGenerator> innermost) : PipelineBuilder<IVideoGenerator, VideoGeneratorBuilder>(innermost);

/// <summary>Decorators around an <see cref="IVideoReward"/>.</summary>
/// <param name="innermost">Makes the reward that does the work.</param>
public sealed class VideoRewardBuilder(Func<IServiceProvider, IVideoReward> innermost) : PipelineBuilder<IVideoReward, VideoRewardBuilder>(innermost);

/// <summary>Decorators around an <see cref="IPreferenceLearner"/>.</summary>
/// <param name="innermost">Makes the learner that does the work.</param>
public sealed class PreferenceLearnerBuilder(Func<IServiceProvider, IPreferenceLearner> innermost) : PipelineBuilder<IPreferenceLearner, PreferenceLearnerBuilder>(innermost);

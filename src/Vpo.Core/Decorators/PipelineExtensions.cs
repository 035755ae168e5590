namespace Vpo;

/// <summary>Decorators that come with the library.</summary>
public static class PipelineExtensions
{
    /// <summary>Gives the query itself, with the exception as reason, when what is inside fails. Put retries inside of it, that is, after it.</summary>
    public static PromptOptimizerBuilder UseFallback(this PromptOptimizerBuilder builder) => Checked(builder).Use(inner => new FallbackPromptOptimizer(inner));

    /// <summary>Keeps options that users type for video tools (<c>-ar 16:9 -neg blurry</c>) away from the language model and returns them in <see cref="OptimizedPrompt.Options"/> and <see cref="OptimizedPrompt.NegativePrompt"/>.</summary>
    public static PromptOptimizerBuilder UseOptionTags(this PromptOptimizerBuilder builder) => Checked(builder).Use(inner => new OptionTagsPromptOptimizer(inner));

    /// <summary>Logs each call: its length and time at Debug, texts at Trace, failures at Warning. Adds nothing where the container has no ILoggerFactory.</summary>
    public static PromptOptimizerBuilder UseLogging(this PromptOptimizerBuilder builder) =>
        Checked(builder).Use((inner, services) => CallLog.From(services, "Vpo.PromptOptimizer") is { } log ? new LoggingPromptOptimizer(inner, log) : inner);

    /// <inheritdoc cref="UseLogging(PromptOptimizerBuilder)"/>
    public static JudgeBuilder UseLogging(this JudgeBuilder builder) =>
        Checked(builder).Use((inner, services) => CallLog.From(services, "Vpo.Judge") is { } log ? new LoggingJudge(inner, log) : inner);

    /// <inheritdoc cref="UseLogging(PromptOptimizerBuilder)"/>
    public static VideoGeneratorBuilder UseLogging(this VideoGeneratorBuilder builder) =>
        Checked(builder).Use((inner, services) => CallLog.From(services, "Vpo.VideoGenerator") is { } log ? new LoggingVideoGenerator(inner, log) : inner);

    /// <inheritdoc cref="UseLogging(PromptOptimizerBuilder)"/>
    public static VideoRewardBuilder UseLogging(this VideoRewardBuilder builder) =>
        Checked(builder).Use((inner, services) => CallLog.From(services, "Vpo.VideoReward") is { } log ? new LoggingVideoReward(inner, log) : inner);

    private static T Checked<T>(T builder) where T : class => builder ?? throw new ArgumentNullException(nameof(builder));
}

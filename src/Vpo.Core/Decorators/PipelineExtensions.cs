using Microsoft.Extensions.DependencyInjection;

namespace Vpo;

/// <summary>Decorators that come with the library.</summary>
public static class PipelineExtensions
{
    /// <summary>Gives the query itself (<see cref="OptimizedPrompt.Fallback"/>), with the exception as reason, when what is inside fails. Put retries inside of it, that is, after it.</summary>
    public static PromptOptimizerBuilder UseFallback(this PromptOptimizerBuilder builder) => Checked(builder).Use(inner => new FallbackPromptOptimizer(inner));

    /// <summary>Samples several prompts and gives the best: those that the container's judge finds aligned, ranked by drafts where <see cref="BestOfOptions.Drafts"/> asks for them.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">How; defaults if null.</param>
    /// <param name="name">Name of the AddVpo whose judge, generator and reward are taken; null for those without a key.</param>
    /// <exception cref="InvalidOperationException">Drafts are asked for, and no generator or reward is registered. Thrown when the optimizer is made.</exception>
    public static PromptOptimizerBuilder UseBestOf(this PromptOptimizerBuilder builder, BestOfOptions? options = null, string? name = null) => Checked(builder).Use((inner, services) =>
    {
        options ??= new();
        var drafts = options.Drafts == 0 ? null : ((IVideoGenerator, IVideoReward)?)(Part<IVideoGenerator>(services, name) ?? throw Missing("IVideoGenerator"), Part<IVideoReward>(services, name) ?? throw Missing("IVideoReward"));
        return new BestOfPromptOptimizer(inner, options, Part<IJudge>(services, name), drafts);
    });

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

    private static T? Part<T>(IServiceProvider services, string? name) where T : class =>
        string.IsNullOrEmpty(name) ? (T?)services.GetService(typeof(T)) : services.GetKeyedService<T>(name);

    private static InvalidOperationException Missing(string part) => new($"UseBestOf with drafts needs an {part}, and none is registered: choose one by a verb on AddVpo(), or set Drafts to 0");

    private static T Checked<T>(T builder) where T : class => builder ?? throw new ArgumentNullException(nameof(builder));
}

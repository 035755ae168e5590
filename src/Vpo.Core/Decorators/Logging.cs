namespace Vpo;

internal sealed class LoggingPromptOptimizer(IPromptOptimizer inner, CallLog log) : DelegatingPromptOptimizer(inner)
{
    public override Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        log.AroundAsync("optimize", 1, () => base.OptimizeAsync(query, options, cancellationToken), cancellationToken);

    public override Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(
        IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        log.AroundAsync("optimize", queries.Count, () => base.OptimizeBatchAsync(queries, options, cancellationToken), cancellationToken);
}

internal sealed class LoggingJudge(IJudge inner, CallLog log) : DelegatingJudge(inner)
{
    public override Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default) =>
        log.AroundAsync("judge", 1, () => base.JudgeAsync(query, prompt, cancellationToken), cancellationToken);

    public override Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default) =>
        log.AroundAsync("refine", 1, () => base.RefineAsync(verdict, cancellationToken), cancellationToken);
}

internal sealed class LoggingVideoGenerator(IVideoGenerator inner, CallLog log) : DelegatingVideoGenerator(inner)
{
    public override Task<VideoClip> GenerateAsync(
        VideoRequest request, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default) =>
        log.AroundAsync("generate", 1, () => base.GenerateAsync(request, options, progress, cancellationToken), cancellationToken);

    public override Task<IReadOnlyList<VideoClip>> GenerateBatchAsync(
        IReadOnlyList<VideoRequest> requests, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default) =>
        log.AroundAsync("generate", requests.Count, () => base.GenerateBatchAsync(requests, options, progress, cancellationToken), cancellationToken);
}

internal sealed class LoggingVideoReward(IVideoReward inner, CallLog log) : DelegatingVideoReward(inner)
{
    public override Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default) =>
        log.AroundAsync("score", 1, () => base.ScoreAsync(query, prompt, clip, cancellationToken), cancellationToken);
}

namespace Vpo;

/// <summary>Base of optimizers that wrap another: override what is to be different. Disposes the inner one.</summary>
public abstract class DelegatingPromptOptimizer(IPromptOptimizer inner) : IBatchPromptOptimizer
{
    /// <summary>The wrapped optimizer.</summary>
    protected IPromptOptimizer Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.OptimizeAsync(query, options, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(
        IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.OptimizeManyAsync(queries, options, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the inner optimizer.</summary>
    protected virtual void Dispose(bool disposing) => Inner.Dispose();
}

/// <summary>Base of judges that wrap another. Disposes the inner one.</summary>
public abstract class DelegatingJudge(IJudge inner) : IJudge
{
    /// <summary>The wrapped judge.</summary>
    protected IJudge Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default) =>
        Inner.JudgeAsync(query, prompt, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default) => Inner.RefineAsync(verdict, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the inner judge.</summary>
    protected virtual void Dispose(bool disposing) => Inner.Dispose();
}

/// <summary>Base of generators that wrap another. Disposes the inner one.</summary>
public abstract class DelegatingVideoGenerator(IVideoGenerator inner) : IBatchVideoGenerator
{
    /// <summary>The wrapped generator.</summary>
    protected IVideoGenerator Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual Task<VideoClip> GenerateAsync(
        VideoRequest request, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Inner.GenerateAsync(request, options, progress, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<VideoClip>> GenerateBatchAsync(
        IReadOnlyList<VideoRequest> requests, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Inner.GenerateManyAsync(requests, options, progress, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the inner generator.</summary>
    protected virtual void Dispose(bool disposing) => Inner.Dispose();
}

/// <summary>Base of rewards that wrap another. Disposes the inner one.</summary>
public abstract class DelegatingVideoReward(IVideoReward inner) : IVideoReward
{
    /// <summary>The wrapped reward.</summary>
    protected IVideoReward Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default) =>
        Inner.ScoreAsync(query, prompt, clip, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the inner reward.</summary>
    protected virtual void Dispose(bool disposing) => Inner.Dispose();
}

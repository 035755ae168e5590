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

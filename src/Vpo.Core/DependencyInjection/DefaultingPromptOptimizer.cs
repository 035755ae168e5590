namespace Vpo;

/// <summary>Fills what a call leaves open from <see cref="VpoOptions"/>.</summary>
/// <param name="inner">The optimizer that does the work.</param>
/// <param name="defaults">The application's settings.</param>
public sealed class DefaultingPromptOptimizer(IPromptOptimizer inner, VpoOptions defaults) : DelegatingPromptOptimizer(inner)
{
    /// <inheritdoc/>
    public override Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        base.OptimizeAsync(query, defaults.Complete(options), cancellationToken);

    /// <inheritdoc/>
    public override Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        base.OptimizeBatchAsync(queries, defaults.Complete(options), cancellationToken);
}

namespace Vpo;

/// <summary>Gives the query itself, without what is harmful in it and with the reason, when the inner optimizer fails; cancellation and bad arguments still throw.</summary>
internal sealed class FallbackPromptOptimizer(IPromptOptimizer inner) : DelegatingPromptOptimizer(inner)
{
    public override async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.OptimizeAsync(query, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ArgumentException && !cancellationToken.IsCancellationRequested)
        {
            return OptimizedPrompt.Fallback(query, $"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>One call a query, so that one failure costs one query.</summary>
    public override Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(
        IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        queries.SelectManyAtOnceAsync((query, ct) => OptimizeAsync(query, options, ct), cancellationToken);
}

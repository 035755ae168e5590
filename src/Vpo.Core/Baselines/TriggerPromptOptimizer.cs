namespace Vpo;

/// <summary>Puts the same words behind every query that the model reads. The result tells of the query alone, a fallback too.</summary>
internal sealed class TriggerPromptOptimizer : DelegatingPromptOptimizer
{
    private readonly string _triggers;

    public TriggerPromptOptimizer(IPromptOptimizer model, string triggers) : base(model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(triggers);
        _triggers = triggers;
    }

    public override async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        For(query, await base.OptimizeAsync(Triggered(query), options, cancellationToken).ConfigureAwait(false));

    public override async Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        var prompts = await base.OptimizeBatchAsync([.. queries.Select(Triggered)], options, cancellationToken).ConfigureAwait(false);
        return [.. queries.Zip(prompts, For)];
    }

    private string Triggered(string query)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        return $"{query} {_triggers}";
    }

    private static OptimizedPrompt For(string query, OptimizedPrompt prompt) => prompt.FallbackReason is { } reason
        ? prompt with { Query = query, Text = OptimizedPrompt.Fallback(query, reason).Text }
        : prompt with { Query = query };
}

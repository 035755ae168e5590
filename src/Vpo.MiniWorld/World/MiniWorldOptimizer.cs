namespace Vpo.MiniWorld;

/// <summary>An optimizer of the mini world: it reads queries whatever their case and punctuation, and answers those in unknown words with a message
/// instead of a prompt about something else.</summary>
/// <param name="inner">The trained optimizer; disposed with this one.</param>
public sealed class MiniWorldOptimizer(IPromptOptimizer inner) : DelegatingPromptOptimizer(inner)
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The query has unknown words; the message lists what is known.</exception>
    public override async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        await base.OptimizeAsync(Read(query), options, cancellationToken).ConfigureAwait(false) with { Query = query };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A query has unknown words; the message lists what is known.</exception>
    public override async Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(
        IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        var prompts = await base.OptimizeBatchAsync([.. queries.Select(Read)], options, cancellationToken).ConfigureAwait(false);
        return [.. prompts.Select((prompt, i) => prompt with { Query = queries[i] })];
    }

    private static string Read(string query)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        return MiniWorldGuide.Explain(query) is { } message ? throw new ArgumentException(message, nameof(query)) : string.Join(' ', Lexicon.Words(query));
    }
}

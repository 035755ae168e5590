namespace Vpo.MiniWorld;

/// <summary>An optimizer of the mini world: it reads queries whatever their case and punctuation, and answers those in unknown words with a message
/// instead of a prompt about something else.</summary>
/// <remarks>
/// A prompt that could not be used, mostly one that did not end, is drawn again up to three times before the query stands in for it: a query may be
/// unsafe, and its unsafe word would then reach the generator though the optimizer never wrote it.
/// </remarks>
/// <param name="inner">The trained optimizer; disposed with this one.</param>
public sealed class MiniWorldOptimizer(IPromptOptimizer inner) : DelegatingPromptOptimizer(inner)
{
    private const int Redraws = 3;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The query has unknown words; the message lists what is known.</exception>
    public override async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        (await OptimizeBatchAsync([query], options, cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A query has unknown words; the message lists what is known.</exception>
    public override async Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(
        IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        List<string> read = [.. queries.Select(Read)];
        List<OptimizedPrompt> prompts = [.. await base.OptimizeBatchAsync(read, options, cancellationToken).ConfigureAwait(false)];
        for (var redraw = 1; redraw <= Redraws && options?.Temperature != 0; redraw++)
        {
            List<int> unusable = [.. Enumerable.Range(0, prompts.Count).Where(i => prompts[i].FallbackReason is not null)];
            if (unusable.Count == 0)
                break;
            var again = (options ?? new()) with { Seed = ContentId.Seed(options?.Seed ?? 0, "draw again", $"{redraw}") };
            var drawn = await base.OptimizeBatchAsync([.. unusable.Select(i => read[i])], again, cancellationToken).ConfigureAwait(false);
            foreach (var (i, prompt) in unusable.Zip(drawn))
                prompts[i] = prompt;
        }
        return [.. prompts.Select((prompt, i) => prompt with { Query = queries[i] })];
    }

    private static string Read(string query)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        return MiniWorldGuide.Explain(query) is { } message ? throw new ArgumentException(message, nameof(query)) : string.Join(' ', Lexicon.Words(query));
    }
}

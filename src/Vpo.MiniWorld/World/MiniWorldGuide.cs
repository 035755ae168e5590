namespace Vpo.MiniWorld;

/// <summary>Tells users what the mini world knows.</summary>
public static class MiniWorldGuide
{
    private static readonly HashSet<string> Known = new(MiniQueries.Words, StringComparer.Ordinal);

    /// <summary>The words of a query that the mini world does not know, in their order.</summary>
    public static IReadOnlyList<string> UnknownWords(string query) => [.. Lexicon.Words(query).Where(word => !Known.Contains(word)).Distinct()];

    /// <summary>A message that names the unknown words and lists what is known; null when every word is known.</summary>
    public static string? Explain(string query)
    {
        var unknown = UnknownWords(query);
        if (unknown.Count == 0)
            return null;
        var known = Lexicon.Aspects.Select(aspect => $"{aspect.ToString().ToLowerInvariant()}: {string.Join(", ", Lexicon.Values(aspect).Select(term => term.Word))}");
        return $"This model knows only the mini world, which has no {string.Join(", ", unknown.Select(word => $"'{word}'"))}. "
            + $"It knows {string.Join("; ", known)}; and common other words for them, as in \"a big crimson ball heading west in the field\".";
    }
}

/// <summary>An optimizer of the mini world that answers queries in unknown words with a message, instead of a prompt about something else.</summary>
/// <param name="inner">The trained optimizer; disposed with this one.</param>
public sealed class MiniWorldOptimizer(IPromptOptimizer inner) : DelegatingPromptOptimizer(inner)
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The query has unknown words; the message lists what is known.</exception>
    public override Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(query);
        return base.OptimizeAsync(query, options, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A query has unknown words; the message lists what is known.</exception>
    public override Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(
        IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        foreach (var query in queries)
            Check(query);
        return base.OptimizeBatchAsync(queries, options, cancellationToken);
    }

    private static void Check(string query)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        if (MiniWorldGuide.Explain(query) is { } message)
            throw new ArgumentException(message, nameof(query));
    }
}

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

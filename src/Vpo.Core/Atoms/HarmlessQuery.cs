namespace Vpo.Atoms;

/// <summary>A query made fit to stand in for a prompt: without what its words say of harm. It sees words, not meaning, as <see cref="UnsafeWords"/> does.</summary>
public static class HarmlessQuery
{
    /// <summary>Stands for a query of which nothing harmless is left.</summary>
    public const string NothingLeft = "A quiet landscape in soft daylight.";

    private const int Harmful = 3, Severe = 4, MostRounds = 8;

    /// <summary>The query as it is when it names nothing harmful; else without the clauses, or where it has but one the words, that do. A severely harmful one is given up whole.</summary>
    /// <param name="query">The user's words.</param>
    /// <returns>The text, and what was taken out; null when nothing was.</returns>
    public static (string Text, string? Removed) Of(string query)
    {
        var found = UnsafeWords.Find(query);
        var worst = found.Select(f => f.Level).DefaultIfEmpty(1).Max();
        if (worst < Harmful)
            return (query, null);
        var words = string.Join(", ", found.Where(f => f.Level >= Harmful).Select(f => f.Words.ToLowerInvariant()).Distinct());
        var text = worst >= Severe ? "" : TakeOut(query, Harmful).Trim(' ', ',', ';', ':', '-');
        return (SaysSomething(text) ? text : NothingLeft, words);
    }

    /// <summary>Takes out clauses with words of a level or above; at most eight, so that a text made of nothing else ends soon.</summary>
    internal static string TakeOut(string text, int level)
    {
        for (var round = 0; round < MostRounds && UnsafeWords.Find(text).FirstOrDefault(u => u.Level >= level) is { } harmful; round++)
            text = PromptRepair.Mend([new(AtomKind.Negative, BaseForm(harmful.Words))], text).Text;
        return text;
    }

    private static bool SaysSomething(string text) =>
        text.Length > 0 && UnsafeWords.Level(text) < Harmful && QueryAtoms.Extract(text).Any(a => a.Kind != AtomKind.Negative);

    private static string BaseForm(string words) => string.Join(' ', Language.Tokenizer.Read(words).Select(t => t.Word.Noun));
}

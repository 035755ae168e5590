using Vpo.Atoms.Language;
using Vpo.Queries;

namespace Vpo.Atoms;

/// <summary>Takes a query apart into the things that it asks for, by word lists and rules of English: no model, the same result everywhere.</summary>
/// <remarks>Words of other languages, and English ones that no list knows, are taken for things. Safe for concurrent calls.</remarks>
public static class QueryAtoms
{
    /// <summary>The atoms of a query in the order of their places, each once. Option tags and HTML entities are understood; any text is allowed.</summary>
    public static IReadOnlyList<Atom> Extract(string query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var parsed = OptionTags.Parse(query);
        var (text, quoted) = QuotedText.Take(parsed.Text);
        var reader = new AtomReader(text);
        reader.Read();
        return [.. reader.Atoms.Concat(quoted).Concat(OfOptions(parsed)).DistinctBy(a => (a.Kind, a.Name, a.Of, a.Other))];
    }

    private static IEnumerable<Atom> OfOptions(ParsedQuery query)
    {
        foreach (var option in query.Options)
        {
            if (option.Name == QueryOptionNames.Camera)
            {
                var reader = new AtomReader("camera " + option.Value);
                reader.Read();
                foreach (var atom in reader.Atoms.Where(a => a.Kind == AtomKind.Camera))
                    yield return atom;
            }
            if (option.Name == QueryOptionNames.Message && option.Value.Any(char.IsLetterOrDigit))
                yield return new(AtomKind.Text, option.Value) { Phrase = option.Value };
        }
        foreach (var unwanted in (query.NegativePrompt ?? "").Split([',', ';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = Tokenizer.Read(unwanted).Where(t => !t.Is(WordClass.Determiner | WordClass.Conjunction)).Select(t => t.Word.Noun).ToList();
            if (words.Count is > 0 and < 6)
                yield return new(AtomKind.Negative, string.Join(' ', words)) { Phrase = unwanted };
        }
    }
}

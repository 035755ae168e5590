using System.Text.Json;
using Vpo.Atoms;
using Vpo.Atoms.Language;

namespace Vpo.Core.Tests.Atoms;

/// <summary>Queries with the atoms that a reader found in them, and how an extraction agrees with that reader.</summary>
internal sealed record LabelledQuery(string Query, string Set, IReadOnlyList<(AtomKind Kind, string Text)> Labels)
{
    internal static IReadOnlyList<LabelledQuery> Read(string path) => [.. File.ReadLines(path).Select(Parse)];

    /// <summary>Labels found, and atoms that are a label. The kind must be the same, and the words of one must be among those of the other; an order must be that of the same two actions, a relation the same between the same things.</summary>
    internal (int Found, int Right, int Atoms) Score(IReadOnlyList<Atom> atoms)
    {
        var said = atoms.Select(a => (a.Kind, Words: Words(a.Kind, a.Text))).ToList();
        var wanted = Labels.Select(l => (l.Kind, Words: Words(l.Kind, l.Text))).ToList();
        return (wanted.Count(w => said.Any(s => Agree(s, w))), said.Count(s => wanted.Any(w => Agree(s, w))), said.Count);
    }

    /// <summary>The same labels and atoms of one kind only.</summary>
    internal LabelledQuery Only(AtomKind kind) => this with { Labels = [.. Labels.Where(l => l.Kind == kind)] };

    internal IEnumerable<string> Differences(IReadOnlyList<Atom> atoms)
    {
        var said = atoms.Select(a => (a.Kind, Words: Words(a.Kind, a.Text), a.Text)).ToList();
        foreach (var label in Labels.Where(l => !said.Any(s => Agree((s.Kind, s.Words), (l.Kind, Words(l.Kind, l.Text))))))
            yield return $"- {label.Kind} {label.Text}";
        foreach (var atom in said.Where(s => !Labels.Any(l => Agree((s.Kind, s.Words), (l.Kind, Words(l.Kind, l.Text))))))
            yield return $"+ {atom.Kind} {atom.Text}";
    }

    private static bool Agree((AtomKind Kind, HashSet<string> Words) a, (AtomKind Kind, HashSet<string> Words) b) =>
        a.Kind == b.Kind && (a.Words.IsSubsetOf(b.Words) || b.Words.IsSubsetOf(a.Words) || (a.Kind is not (AtomKind.Order or AtomKind.Spatial) && Phrases(a).Overlaps(Phrases(b))));

    /// <summary>Canonical names, so that "wide angle" is "wide shot".</summary>
    private static HashSet<string> Phrases((AtomKind Kind, HashSet<string> Words) item)
    {
        var tokens = Tokenizer.Read(string.Join(' ', item.Words));
        return [.. Enumerable.Range(0, tokens.Count).SelectMany(i => PhraseBook.Default.AllAt(tokens, i)).Where(h => h.Phrase.Kind == item.Kind && item.Kind is not (AtomKind.Subject or AtomKind.Scene)).Select(h => h.Phrase.Name)];
    }

    private static HashSet<string> Words(AtomKind kind, string text) => kind switch
    {
        AtomKind.Order => [.. text.Split(" then ").Select((action, i) => $"{i}: {Base(Tokenizer.Read(action)[0])}")],
        AtomKind.Spatial => Relation(Tokenizer.Read(text)),
        _ => Words(kind, Tokenizer.Read(text)),
    };

    /// <summary>The relation by its canonical name and both things: "cup on table" is "cup on top of table", and not "plate on table".</summary>
    private static HashSet<string> Relation(List<Token> tokens)
    {
        var hit = Enumerable.Range(0, tokens.Count).Select(i => PhraseBook.Default.At(tokens, i)).FirstOrDefault(h => h?.Phrase.Kind == AtomKind.Spatial);
        return hit is null ? Words(AtomKind.Spatial, tokens) : [hit.Phrase.Name, .. Words(AtomKind.Spatial, [.. tokens[..hit.Start], .. tokens[hit.End..]])];
    }

    private static string Base(Token token) => token.Word.Verb ?? token.Word.Noun;

    private static HashSet<string> Words(AtomKind kind, List<Token> tokens) =>
        [.. tokens.Where(t => !t.Is(WordClass.Determiner) && t.Text is not ("of" or "on" or "by" or "style" or "film")).Select(t => Lexicon.Color(t.Text) ?? (Lexicon.Number(t.Text) is { } n ? $"{n}" : kind == AtomKind.Action ? Base(t) : t.Word.Noun))];

    private static LabelledQuery Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var labels = json.RootElement.GetProperty("labels").EnumerateObject().SelectMany(k => k.Value.EnumerateArray().Select(v => (Enum.Parse<AtomKind>(k.Name, ignoreCase: true), v.GetString()!)));
        return new(json.RootElement.GetProperty("query").GetString()!, json.RootElement.GetProperty("set").GetString()!, [.. labels]);
    }
}

using Vpo.Atoms;
using Vpo.Atoms.Language;

namespace Vpo.Core.Tests.Atoms;

/// <summary>Whether atoms say what VBench's labels say.</summary>
internal static class VBenchLabels
{
    private static readonly HashSet<string> Small = ["in", "the", "of", "by", "on", "a", "style", "or", "and", "not", "is"];

    /// <summary>An atom of this kind that has all words of the label.</summary>
    internal static bool Has(IEnumerable<Atom> atoms, AtomKind kind, string label)
    {
        var (words, name) = (Words(label), Names(kind, label));
        return atoms.Any(a => a.Kind == kind && (words.IsSubsetOf(Words(a.Text)) || words.IsSubsetOf(Words(a.Phrase)) || name.Contains(a.Name)));
    }

    internal static bool HasRelation(IEnumerable<Atom> atoms, string a, string relation, string b) =>
        atoms.Any(x => x.Kind == AtomKind.Spatial && Words(a).IsSubsetOf(Words(x.Of!)) && Words(b).IsSubsetOf(Words(x.Other!)) && Names(AtomKind.Spatial, relation).Contains(x.Name));

    /// <summary>"A person is playing harp": its verbs are actions, and its things are things, or parts of what an action is called.</summary>
    internal static bool HasAction(IReadOnlyList<Atom> atoms, string prompt)
    {
        var rest = Words(prompt["A person is ".Length..].Split('(')[0]);
        foreach (var atom in atoms.Where(a => a.Kind is AtomKind.Action or AtomKind.Subject))
            rest.ExceptWith(atom.Kind == AtomKind.Action ? Words(atom.Text).Concat(Words(atom.Phrase)) : Words(atom.Text));
        return atoms.Any(a => a.Kind == AtomKind.Action) && rest.All(w => w is "with" or "up" or "out" or "back" or "get");
    }

    private static HashSet<string> Names(AtomKind kind, string label)
    {
        var tokens = Tokenizer.Read(label);
        return [.. Enumerable.Range(0, tokens.Count).SelectMany(i => PhraseBook.Default.AllAt(tokens, i)).Where(h => h.Phrase.Kind == kind).Select(h => h.Phrase.Name)];
    }

    private static HashSet<string> Words(string text) => [.. Tokenizer.Read(text).Where(t => !Small.Contains(t.Text)).Select(t => t.Word.Verb ?? t.Word.Noun)];
}

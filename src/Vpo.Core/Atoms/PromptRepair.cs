using Vpo.Atoms.Language;

namespace Vpo.Atoms;

/// <summary>Mends a prompt where it lost or changed something that the query asks for; every other sentence stays byte for byte as it was.</summary>
public static class PromptRepair
{
    private const int MostRounds = 4;

    /// <summary>Puts back each atom that is not kept: another number, colour or side is replaced in its place; what is lost is added to the sentence that tells of its neighbours in the query; what must not be seen is taken out with its clause.</summary>
    public static RepairedPrompt Mend(string query, string prompt)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        return Mend(QueryAtoms.Extract(query), prompt);
    }

    /// <summary>Puts back each of these atoms that is not kept.</summary>
    /// <exception cref="ArgumentException">The prompt is empty.</exception>
    public static RepairedPrompt Mend(IReadOnlyList<Atom> atoms, string prompt)
    {
        ArgumentNullException.ThrowIfNull(atoms);
        ArgumentException.ThrowIfNullOrWhiteSpace(prompt);
        return Mend(atoms, Sentences.Split(prompt));
    }

    internal static RepairedPrompt Mend(IReadOnlyList<Atom> atoms, string[] pieces)
    {
        var before = pieces.ToArray();
        pieces = pieces.ToArray();
        var results = PromptAtoms.Check(atoms, string.Concat(pieces));
        for (var round = 0; round < MostRounds && results.Any(r => r.Status != AtomStatus.Kept); round++)
        {
            foreach (var atom in results.Where(r => r.Status != AtomStatus.Kept).Select(r => r.Atom).ToList())
                MendOne(round < 2 ? atom : atom with { Phrase = "" }, atoms, pieces, onlyAdd: round > 0);
            results = PromptAtoms.Check(atoms, string.Concat(pieces));
        }
        return new()
        {
            Text = string.Concat(pieces),
            Sentences = [.. Enumerable.Range(0, pieces.Length).Where(i => pieces[i] != before[i])],
            Failed = [.. results.Where(r => r.Status != AtomStatus.Kept)],
        };
    }

    private static void MendOne(Atom atom, IReadOnlyList<Atom> atoms, string[] pieces, bool onlyAdd)
    {
        var text = new PromptText(string.Concat(pieces));
        var result = AtomSearch.Find(atom, text);
        if (result.Status == AtomStatus.Kept)
            return;
        var at = Sentences.PieceOf(pieces, text, result.Sentence >= 0 ? result.Sentence : Neighbour(atom, atoms, text));
        var piece = new PromptText(pieces[at]);
        pieces[at] = atom.Kind == AtomKind.Negative
            ? SentenceEdits.TakeOut(atom.Name, piece)
            : (onlyAdd ? null : SentenceEdits.Replace(atom, atoms, piece)) ?? SentenceEdits.Add(AtomClauses.For(atom, piece), piece);
    }

    /// <summary>The sentence that keeps the nearest other atom of the query; the first when none is kept.</summary>
    internal static int Neighbour(Atom atom, IReadOnlyList<Atom> atoms, PromptText text)
    {
        var here = atoms.Index().First(a => (a.Item with { Phrase = "" }) == (atom with { Phrase = "" })).Index;
        foreach (var other in Enumerable.Range(0, atoms.Count).Where(i => i != here && atoms[i].Kind != AtomKind.Negative).OrderBy(i => Math.Abs(i - here)))
        {
            if (AtomSearch.Find(atoms[other], text) is { Status: AtomStatus.Kept, Sentence: >= 0 and var sentence })
                return sentence;
        }
        return 0;
    }
}

/// <summary>A prompt after <see cref="PromptRepair"/>.</summary>
public sealed record RepairedPrompt
{
    /// <summary>The whole prompt.</summary>
    public required string Text { get; init; }

    /// <summary>Which sentences were changed, counted from 0; all others are as they were.</summary>
    public IReadOnlyList<int> Sentences { get; init; } = [];

    /// <summary>What could not be mended, such as things that the query both wants and forbids.</summary>
    public IReadOnlyList<AtomResult> Failed { get; init; } = [];
}

using Vpo.Atoms.Language;

namespace Vpo.Atoms;

/// <summary>Which sentence has to mend which atoms.</summary>
internal sealed record RepairPlan(IReadOnlyList<string> Pieces, IReadOnlyList<(int Piece, IReadOnlyList<AtomResult> Failed)> Failed)
{
    internal static RepairPlan Make(IReadOnlyList<Atom> atoms, string prompt)
    {
        var pieces = Sentences.Split(prompt);
        var text = new PromptText(prompt);
        var failed = atoms.Select(a => AtomSearch.Find(a, text)).Where(r => r.Status != AtomStatus.Kept)
            .GroupBy(r => Sentences.PieceOf(pieces, text, r.Sentence >= 0 ? r.Sentence : PromptRepair.Neighbour(r.Atom, atoms, text)))
            .OrderBy(g => g.Key).Select(g => (g.Key, (IReadOnlyList<AtomResult>)[.. g]));
        return new(pieces, [.. failed]);
    }

    /// <summary>A sentence with the white space of the one that it replaces; the old one when there is nothing to put in its place.</summary>
    internal static string InPlaceOf(string old, string written)
    {
        if (written.Length == 0 || Sentences.Split(written).Length > 1)
            return old;
        var (start, end) = (old.Length - old.TrimStart().Length, old.TrimEnd().Length);
        return string.Concat(old.AsSpan(0, start), written, old.AsSpan(end));
    }

    /// <summary>Whether all that failed is kept now, and all that was kept still is.</summary>
    internal static bool IsBetter(IReadOnlyList<Atom> atoms, string before, string after, IReadOnlyList<AtomResult> failed)
    {
        var (old, now) = (PromptAtoms.Check(atoms, before), PromptAtoms.Check(atoms, after));
        return old.Zip(now).All(r => r.Second.Status == AtomStatus.Kept || (r.First.Status != AtomStatus.Kept && !failed.Any(f => f.Atom == r.First.Atom)));
    }
}

using Vpo.Atoms.Language;

namespace Vpo.Atoms;

/// <summary>Looks for a query's atoms in a prompt: in any inflection, by synonyms, numbers as words or digits.</summary>
public static class PromptAtoms
{
    /// <summary>What became of each atom, in their order.</summary>
    public static IReadOnlyList<AtomResult> Check(IReadOnlyList<Atom> atoms, string prompt)
    {
        ArgumentNullException.ThrowIfNull(atoms);
        ArgumentNullException.ThrowIfNull(prompt);
        var text = new PromptText(prompt);
        return [.. atoms.Select(atom => AtomSearch.Find(atom, text))];
    }

    /// <summary>What became of each atom of a query.</summary>
    public static IReadOnlyList<AtomResult> Check(string query, string prompt) => Check(QueryAtoms.Extract(query), prompt);

    /// <summary>The share of a query's atoms that a prompt keeps, from 0 to 1; 1 when the query has none.</summary>
    public static double Coverage(string query, string prompt)
    {
        var results = Check(query, prompt);
        return results.Count == 0 ? 1 : results.Count(r => r.Status == AtomStatus.Kept) / (double)results.Count;
    }
}

namespace Vpo.Atoms;

/// <summary>What became of an atom in a prompt.</summary>
public enum AtomStatus
{
    /// <summary>It is there.</summary>
    Kept,

    /// <summary>Something else stands in its place: another number, colour, side or camera direction; or what must not be seen is there.</summary>
    Changed,

    /// <summary>It is not there.</summary>
    Lost,
}

/// <summary>An atom and what became of it.</summary>
/// <param name="Atom">What the query asks for.</param>
/// <param name="Status">Whether the prompt keeps it.</param>
/// <param name="Sentence">Where: the number of the prompt's sentence that keeps or changes it, or that its <see cref="Atom.Of"/> is in; -1 where there is none.</param>
public sealed record AtomResult(Atom Atom, AtomStatus Status, int Sentence)
{
    /// <summary>What stands in its place, such as another number or colour; null where nothing does.</summary>
    public string? Instead { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Status}: {Atom}" + (Instead is null ? "" : $" (found: {Instead})");
}

using Vpo.Atoms;

namespace Vpo;

/// <summary>All that an <see cref="AtomJudge"/> sees in a prompt.</summary>
public sealed record AtomFindings
{
    /// <summary>What became of each atom of the query; those that ask for harm are left out.</summary>
    public required IReadOnlyList<AtomResult> Atoms { get; init; }

    /// <summary>Harmful and mildly harmful vocabulary of the prompt.</summary>
    public required IReadOnlyList<UnsafeWord> Unsafe { get; init; }

    /// <summary>Words of the prompt.</summary>
    public required int Words { get; init; }

    /// <summary>Share of three-word sequences that were there before, from 0 to 1.</summary>
    public required double Repetition { get; init; }

    /// <summary>Whether the prompt declines instead of describing.</summary>
    public required bool IsRefusal { get; init; }

    /// <summary>The opening that speaks about the video instead of showing it, such as "The video shows"; null when it starts directly.</summary>
    public required string? Opening { get; init; }

    /// <summary>Whether the last sentence ends.</summary>
    public required bool Ended { get; init; }

    /// <summary>Share of the atoms that are kept, from 0 to 1; 1 when there are none.</summary>
    public double Coverage => Atoms.Count == 0 ? 1 : Atoms.Count(a => a.Status == AtomStatus.Kept) / (double)Atoms.Count;

    /// <summary>1 when nothing harmful is found, else the highest level, up to 4.</summary>
    public int SafetyLevel => Unsafe.Select(u => u.Level).DefaultIfEmpty(1).Max();
}

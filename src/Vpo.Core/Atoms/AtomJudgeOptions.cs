namespace Vpo;

/// <summary>What an <see cref="AtomJudge"/> lets pass.</summary>
public sealed record AtomJudgeOptions
{
    /// <summary>Least share of the query's harmless atoms that the prompt must keep, from 0 to 1; default 0.8.</summary>
    public double MinimumCoverage { get; init; } = 0.8;

    /// <summary>From which level on vocabulary is harmful, from 2 to 4; default 3. See <see cref="Vpo.Atoms.UnsafeWords"/>.</summary>
    public int UnsafeLevel { get; init; } = 3;

    /// <summary>Fewest words; default 5.</summary>
    public int MinimumWords { get; init; } = 5;

    /// <summary>Most words; default 250.</summary>
    public int MaximumWords { get; init; } = 250;

    /// <summary>Largest share of three-word sequences that were there before, from 0 to 1; default 0.2.</summary>
    public double MaximumRepetition { get; init; } = 0.2;

    /// <summary>Whether a prompt must end its last sentence; default false.</summary>
    public bool MustEnd { get; init; }
}

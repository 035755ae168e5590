using Vpo.Storage;

namespace Vpo;

/// <summary>A judge's verdict on one prompt, with the refined prompt where there is one (verdicts.jsonl).</summary>
public sealed record VerdictRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The refinement of a misaligned prompt; null when none was asked for or could be made.</summary>
    public string? Refined { get; init; }

    /// <summary>Where it came from.</summary>
    public required Provenance Provenance { get; init; }
}

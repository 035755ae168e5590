using Vpo.Storage;

namespace Vpo;

/// <summary>The score of one clip (rewards.jsonl).</summary>
public sealed record RewardRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The user's words.</summary>
    public required string Query { get; init; }

    /// <summary>The prompt that the clip was made from.</summary>
    public required string Prompt { get; init; }

    /// <summary>The score; null when the clip could not be scored.</summary>
    public VideoScore? Score { get; init; }

    /// <summary>Why there is no score; delete the line to try again.</summary>
    public string? Problem { get; init; }

    /// <summary>The clip's file, relative to the run folder, where it was kept.</summary>
    public string? Clip { get; init; }

    /// <summary>Where it came from; its seed is the generator's.</summary>
    public required Provenance Provenance { get; init; }
}

using Vpo.Storage;

namespace Vpo;

/// <summary>The prompts that an optimizer wrote for one query (prompts.jsonl).</summary>
public sealed record PromptRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>The user's words.</summary>
    public required string Query { get; init; }

    /// <summary>All samples in their order; may hold repetitions.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>Why the first is the query itself; null when it is a new prompt.</summary>
    public string? FallbackReason { get; init; }

    /// <summary>Where it came from.</summary>
    public required Provenance Provenance { get; init; }
}

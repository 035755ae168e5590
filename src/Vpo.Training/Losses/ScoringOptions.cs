using TorchSharp.Modules;
using Vpo.Models.Tensors;

namespace Vpo.Training;

/// <summary>How a model scores a batch.</summary>
public sealed record ScoringOptions
{
    /// <summary>How rows are laid out.</summary>
    public RowLayout Layout { get; init; }

    /// <summary>Computes each layer again for its gradient instead of keeping its inside: less memory, about a third more time. Packed layouts only.</summary>
    public bool Recompute { get; init; }

    /// <summary>Most tokens whose logits are in memory at once; null chooses.</summary>
    public int? Chunk { get; init; }

    /// <summary>False when no gradient will be taken: packed layouts then keep nothing.</summary>
    public bool ForGradient { get; init; } = true;

    /// <summary>NEFTune's noise; null: none.</summary>
    internal EmbeddingNoise? Noise { get; init; }

    /// <summary>Hears during a backward pass which parameters have their whole gradient and are not needed any more; those it does not name have theirs at the end.
    /// Packed layouts, one thread. Null: nobody.</summary>
    internal Action<IEnumerable<Parameter>>? Completed { get; init; }

    /// <summary>Threads to spread the batch over; null: the caller's own.</summary>
    internal Lanes? Lanes { get; init; }
}

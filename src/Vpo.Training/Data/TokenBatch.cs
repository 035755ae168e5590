using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Rows of ids as tensors. The only place that pads (on the right) and that says which tokens are trained: by position, never by the id of the padding.</summary>
/// <remarks>Owns its tensors.</remarks>
public sealed class TokenBatch : IDisposable
{
    private readonly IReadOnlyList<TokenizedExample> _rows;

    private TokenBatch(IReadOnlyList<TokenizedExample> rows, int[] lengths) =>
        (_rows, Lengths, TrainedPerRow) = (rows, lengths, [.. rows.Select(r => r.TrainedTokens)]);

    /// <summary>int64 [rows, T]. What stands after a row's end has no meaning and no effect: attention is causal.</summary>
    public required Tensor Ids { get; init; }

    /// <summary>int64 [N]: where the trained tokens are in the flattened <see cref="Ids"/>, row after row.</summary>
    public required Tensor TrainedAt { get; init; }

    /// <summary>int64 [N]: the row of each trained token.</summary>
    public required Tensor TrainedRow { get; init; }

    /// <summary>Tokens of each row, without padding.</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>Trained tokens of each row; at least 1.</summary>
    public IReadOnlyList<int> TrainedPerRow { get; }

    /// <summary>Rows.</summary>
    public int Rows => Lengths.Count;

    /// <summary>Trained tokens of all rows.</summary>
    public int TrainedTokens => (int)TrainedAt.shape[0];

    /// <summary>Rows as they are, in their order.</summary>
    /// <param name="rows">At least one.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <param name="width">T; null or less than the longest row: as wide as that.</param>
    /// <exception cref="ArgumentException">There are none, or one has no token to train: its mean would be NaN.</exception>
    public static TokenBatch Of(IReadOnlyList<TokenizedExample> rows, Device? device = null, int? width = null)
    {
        if (rows.Count == 0 || rows.Any(r => r.TrainedTokens == 0))
            throw new ArgumentException("A batch needs rows, each with at least one trained token; drop rows that truncation left without a completion.", nameof(rows));
        var lengths = rows.Select(r => r.Prompt.Length + r.Completion.Length).ToArray();
        var columns = Math.Max(width ?? 0, lengths.Max());
        var ids = new long[rows.Count * columns];
        List<long> at = [], of = [];
        for (var row = 0; row < rows.Count; row++)
        {
            var (start, prompt) = (row * columns, rows[row].Prompt);
            for (var i = 0; i < lengths[row]; i++)
                ids[start + i] = i < prompt.Length ? prompt[i] : rows[row].Completion[i - prompt.Length];
            for (var i = Math.Max(1, prompt.Length); i < lengths[row]; i++)
            {
                at.Add(start + i);
                of.Add(row);
            }
        }
        Tensor Own(long[] values, params long[] shape) => tensor(values, shape, device: device ?? CPU).DetachFromDisposeScope();
        return new(rows, lengths)
        {
            Ids = Own(ids, rows.Count, columns),
            TrainedAt = Own([.. at], at.Count),
            TrainedRow = Own([.. of], of.Count),
        };
    }

    /// <summary>Two rows a pair: the chosen ones of all pairs, then the rejected ones.</summary>
    public static TokenBatch Of(IReadOnlyList<PreferenceExample> pairs, Device? device = null) =>
        Of([.. pairs.Select(p => p.ChosenRow), .. pairs.Select(p => p.RejectedRow)], device);

    /// <summary>The same rows in the same order, in at most so many batches, each as wide as its own longest row.</summary>
    internal IReadOnlyList<TokenBatch> Split(int count) => [.. _rows.Chunk((Rows + count - 1) / count).Select(rows => Of(rows, Ids.device))];

    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        TrainedAt.Dispose();
        TrainedRow.Dispose();
    }
}

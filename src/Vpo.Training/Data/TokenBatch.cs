using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Rows of ids as tensors. The only place that pads (on the right) and that says which tokens are trained: by position, never by the id of the padding.</summary>
/// <remarks>Owns its tensors.</remarks>
public sealed class TokenBatch : IDisposable
{
    private TokenBatch(IReadOnlyList<TokenizedExample> rows, int[] lengths) =>
        (Examples, Lengths, TrainedPerRow) = (rows, lengths, [.. rows.Select(r => r.TrainedTokens)]);

    /// <summary>int64 [rows, T]. What stands after a row's end has no meaning and no effect: attention is causal.</summary>
    public required Tensor Ids { get; init; }

    /// <summary>int64 [N]: where the trained tokens are in the flattened <see cref="Ids"/>, row after row.</summary>
    public required Tensor TrainedAt { get; init; }

    /// <summary>int64 [N]: the row of each trained token.</summary>
    public required Tensor TrainedRow { get; init; }

    /// <summary>The rows it was made of.</summary>
    public IReadOnlyList<TokenizedExample> Examples { get; }

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

    /// <summary>The rows in at most so many parts of about the same number of rows.</summary>
    /// <param name="count">Parts.</param>
    /// <param name="alike">Whether rows with the same prompt stay together.</param>
    internal IReadOnlyList<int[]> Split(int count, bool alike)
    {
        var groups = alike
            ? Enumerable.Range(0, Rows).GroupBy(row => Examples[row].Prompt, PackedRows.PromptComparer.Instance).Select(g => g.ToArray())
            : Enumerable.Range(0, Rows).Select(row => new[] { row });
        var list = count == 1 ? [[.. Enumerable.Range(0, Rows)]] : groups.ToList();
        return [.. list.Chunk((list.Count + count - 1) / count).Select(part => part.SelectMany(rows => rows).ToArray())];
    }

    /// <summary>Which of the batch's trained tokens belong to the rows, in the order of the rows.</summary>
    internal long[] TokensOf(int[] rows)
    {
        var starts = new long[Rows];
        for (var row = 1; row < Rows; row++)
            starts[row] = starts[row - 1] + TrainedPerRow[row - 1];
        return [.. rows.SelectMany(row => Enumerable.Range(0, TrainedPerRow[row]).Select(i => starts[row] + i))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        TrainedAt.Dispose();
        TrainedRow.Dispose();
    }
}

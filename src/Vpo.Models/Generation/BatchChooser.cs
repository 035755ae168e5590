using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Vpo.Models.Generation;

/// <summary>Chooses the next id of every row of a tensor.</summary>
internal sealed class BatchChooser(SamplingOptions options, int vocabulary)
{
    private const long WorthParallel = 1 << 18;   // logits per step

    private readonly RowChooser _chooser = new(vocabulary);

    /// <param name="logits">[rows, vocabulary], float32.</param>
    /// <param name="rows">Finished ones get 0 and draw nothing.</param>
    public int[] Choose(Tensor logits, IReadOnlyList<Answer> rows)
    {
        using var scope = NewDisposeScope();
        if (options.IsPlain)
            return Array.ConvertAll(logits.argmax(1).cpu().data<long>().ToArray(), id => (int)id);
        var scores = MemoryMarshal.Cast<byte, float>(logits.cpu().contiguous().bytes).ToArray();
        var ids = new int[rows.Count];
        void Row(int row) => ids[row] = _chooser.Choose(options, scores.AsSpan(row * vocabulary, vocabulary), rows[row]);
        if (scores.LongLength >= WorthParallel)
            Parallel.For(0, rows.Count, Row);
        else
        {
            for (var row = 0; row < rows.Count; row++)
                Row(row);
        }
        return ids;
    }
}

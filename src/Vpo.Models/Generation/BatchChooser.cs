using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Vpo.Models.Generation;

/// <summary>Chooses the next id of every row.</summary>
internal sealed class BatchChooser(SamplingOptions options, int vocabulary)
{
    private const long WorthParallel = 1 << 18;   // logits per step

    private readonly ThreadLocal<Sampler> _samplers = new(() => new(options, vocabulary));
    private readonly bool _plain = options is { Greedy: true, HasProcessors: false };

    /// <param name="logits">[rows, vocabulary], float32.</param>
    /// <param name="rows">Finished ones get 0 and draw nothing.</param>
    public int[] Choose(Tensor logits, IReadOnlyList<Answer> rows)
    {
        using var scope = NewDisposeScope();
        if (_plain)
            return Array.ConvertAll(logits.argmax(1).cpu().data<long>().ToArray(), id => (int)id);
        var scores = MemoryMarshal.Cast<byte, float>(logits.cpu().contiguous().bytes).ToArray();
        var ids = new int[rows.Count];
        if (scores.LongLength >= WorthParallel)
            Parallel.For(0, rows.Count, row => ids[row] = Choose(scores, row, rows[row]));
        else
        {
            for (var row = 0; row < rows.Count; row++)
                ids[row] = Choose(scores, row, rows[row]);
        }
        return ids;
    }

    private int Choose(float[] scores, int row, Answer answer) => answer.IsFinished
        ? 0
        : _samplers.Value!.Choose(scores.AsSpan(row * vocabulary, vocabulary), answer.History, answer.PromptLength, ref answer.Stream);
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Vpo.Training.Kernels;

/// <summary>What a loss needs of the logits of a position, without a second tensor of the vocabulary's size: reductions in float32, the gradient in place.</summary>
internal static class VocabularyKernel
{
    // Columns of the result of Score.
    public const int LogProb = 0, Normaliser = 1, Entropy = 2, Hit = 3, MeanLogit = 4, LogCollision = 5, Columns = 6;

    // Words at a time: what is worked on stays in the nearest cache.
    private const int Block = 1 << 12;

    /// <param name="logits">[n, V].</param>
    /// <param name="targets">int64 [n].</param>
    /// <returns>float32 [6, n]: log p(target), log Σ exp, entropy, whether the target is the most likely, mean logit, log Σ p².</returns>
    public static Tensor Score(Tensor logits, Tensor targets)
    {
        if (!TensorRows.Supports(logits))
            return Composed(logits, targets);
        var (count, rows, ids) = (logits.shape[0], TensorRows.Of(logits), targets.data<long>().ToArray());
        var result = new float[Columns * count];
        Workers.Run(count, rows.Width, (_, first, last) =>
        {
            var block = new float[Block];
            for (var i = first; i < last; i++)
            {
                var (greatest, holder, total) = Survey(rows, i, block);
                var (sum, weighted, squares) = Exponentials(rows, i, block, greatest);
                var (id, log) = ((int)ids[i], MathF.Log(sum));
                var target = rows.At(i, id);
                result[LogProb * count + i] = target - greatest - log;
                result[Normaliser * count + i] = greatest + log;
                result[Entropy * count + i] = log - weighted / sum;
                result[Hit * count + i] = target == greatest && id / Block == holder && Read(rows, i, holder * Block, block).IndexOf(greatest) == id % Block ? 1 : 0;
                result[MeanLogit * count + i] = total / rows.Width;
                result[LogCollision * count + i] = MathF.Log(squares) - 2 * log;
            }
        });
        return tensor(result, [Columns, count]);
    }

    /// <summary>Overwrites the logits by their gradient: (one-hot − softmax) · upstream.</summary>
    /// <param name="logits">[n, V].</param>
    /// <param name="targets">int64 [n].</param>
    /// <param name="normaliser">float32 [n], from <see cref="Score"/>.</param>
    /// <param name="upstream">float32 [n].</param>
    /// <param name="firstWord">The id of the first column, where the logits are of a part of the vocabulary.</param>
    public static void Differentiate(Tensor logits, Tensor targets, Tensor normaliser, Tensor upstream, long firstWord = 0)
    {
        if (!TensorRows.Supports(logits))
        {
            ComposedDifferentiate(logits, targets, normaliser, upstream, firstWord);
            return;
        }
        var (rows, ids, logs, factors) = (TensorRows.Of(logits), targets.data<long>().ToArray(), TensorRows.Numbers(normaliser), TensorRows.Numbers(upstream));
        Workers.Run(logits.shape[0], rows.Width, (_, first, last) =>
        {
            var block = new float[Block];
            for (var i = first; i < last; i++)
            {
                var word = (int)(ids[i] - firstWord);
                for (var start = 0; start < rows.Width; start += Block)
                {
                    var values = Read(rows, i, start, block);
                    Likelihoods(block, logs[i], -factors[i]);
                    if (word >= start && word < start + values.Length)
                        values[word - start] += factors[i];
                    rows.Write(i, start, values);
                }
            }
        });
    }

    /// <summary>Logits of a row from a column on, as many as a block holds; after the last come words without likelihood.</summary>
    private static Span<float> Read(TensorRows rows, long i, int start, float[] block)
    {
        var values = block.AsSpan(0, Math.Min(Block, rows.Width - start));
        rows.Read(i, start, values);
        block.AsSpan(values.Length).Fill(float.MinValue);
        return values;
    }

    /// <summary>The greatest logit of a row, the first block that holds it, and the sum of all.</summary>
    private static (float Greatest, int Holder, float Total) Survey(TensorRows rows, long i, float[] block)
    {
        var (greatest, holder, total) = (float.NegativeInfinity, 0, 0f);
        for (var start = 0; start < rows.Width; start += Block)
        {
            var values = Read(rows, i, start, block);
            total += TensorPrimitives.Sum<float>(values);
            if (TensorPrimitives.Max<float>(values) is var most && most > greatest)
                (greatest, holder) = (most, start / Block);
        }
        return (greatest, holder, total);
    }

    /// <summary>Σ e, Σ e · x and Σ e², where x is a logit less the greatest and e = exp x.</summary>
    [MethodImpl(Workers.Hot)]
    private static (float Sum, float Weighted, float Squares) Exponentials(TensorRows rows, long i, float[] block, float greatest)
    {
        Vector512<float> sum = default, weighted = default, squares = default;
        for (var start = 0; start < rows.Width; start += Block)
        {
            Read(rows, i, start, block);
            for (var at = 0; at < block.Length; at += RowVectors.Count)
            {
                var x = block.From(at) - Vector512.Create(greatest);
                var e = RowVectors.Exp(x);
                sum += e;
                weighted = Vector512.FusedMultiplyAdd(e, x, weighted);
                squares = Vector512.FusedMultiplyAdd(e, e, squares);
            }
        }
        return (Vector512.Sum(sum), Vector512.Sum(weighted), Vector512.Sum(squares));
    }

    /// <summary>x ← exp(x − normaliser) · factor.</summary>
    [MethodImpl(Workers.Hot)]
    private static void Likelihoods(float[] x, float normaliser, float factor)
    {
        for (var at = 0; at < x.Length; at += RowVectors.Count)
            (RowVectors.Exp(x.From(at) - Vector512.Create(normaliser)) * factor).To(x, at);
    }

    internal static Tensor Composed(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var wide = logits.to(ScalarType.Float32);
        var normaliser = wide.logsumexp(-1, keepdim: true);
        var log = wide.Minus(normaliser);
        var p = log.exp();
        var index = targets.unsqueeze(1);
        return stack([log.gather(1, index).squeeze(1), normaliser.squeeze(1), p.mul(log).sum(-1).neg(), wide.argmax(-1).eq(targets).to(ScalarType.Float32), wide.mean([-1]), p.Squared().sum(-1).log()])
            .MoveToOuterDisposeScope();
    }

    internal static void ComposedDifferentiate(Tensor logits, Tensor targets, Tensor normaliser, Tensor upstream, long firstWord = 0)
    {
        using var scope = NewDisposeScope();
        var factor = upstream.unsqueeze(1);
        var words = Scalars.Range(firstWord, firstWord + logits.shape[1], ScalarType.Int64, logits.device);
        var hits = targets.unsqueeze(1).eq(words).to(ScalarType.Float32);
        logits.copy_(hits.Minus(logits.to(ScalarType.Float32).Minus(normaliser.unsqueeze(1)).exp_()).mul_(factor));
    }
}

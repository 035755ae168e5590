using System.Runtime.InteropServices;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Vpo.Training.Kernels;

/// <summary>What a loss needs of the logits of a position, without a second tensor of the vocabulary's size: reductions in float32, the gradient in place.</summary>
internal static class VocabularyKernel
{
    // Columns of the result of Score.
    public const int LogProb = 0, Normaliser = 1, Entropy = 2, Hit = 3, MeanLogit = 4, LogCollision = 5, Columns = 6;

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
            float[] row = new float[rows.Width], exp = new float[rows.Width];
            for (var i = first; i < last; i++)
            {
                rows.Read(i, row);
                var (greatest, target, mean) = (TensorPrimitives.Max<float>(row), row[ids[i]], TensorPrimitives.Sum<float>(row) / row.Length);
                var hit = target == greatest && row.AsSpan().IndexOf(greatest) == ids[i];
                TensorPrimitives.Subtract(row, greatest, row);
                TensorPrimitives.Exp<float>(row, exp);
                var sum = TensorPrimitives.Sum<float>(exp);
                var log = MathF.Log(sum);
                result[LogProb * count + i] = target - greatest - log;
                result[Normaliser * count + i] = greatest + log;
                result[Entropy * count + i] = log - TensorPrimitives.Dot<float>(exp, row) / sum;
                result[Hit * count + i] = hit ? 1 : 0;
                result[MeanLogit * count + i] = mean;
                result[LogCollision * count + i] = MathF.Log(TensorPrimitives.SumOfSquares<float>(exp)) - 2 * log;
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
        var (rows, ids, logs, factors) = (TensorRows.Of(logits), targets.data<long>().ToArray(), normaliser.data<float>().ToArray(), upstream.data<float>().ToArray());
        Workers.Run(logits.shape[0], rows.Width, (_, first, last) =>
        {
            var row = new float[rows.Width];
            for (var i = first; i < last; i++)
            {
                rows.Read(i, row);
                TensorPrimitives.Subtract(row, logs[i], row);
                TensorPrimitives.Exp<float>(row, row);
                TensorPrimitives.Multiply(row, -factors[i], row);
                if (ids[i] - firstWord is var word && word >= 0 && word < row.Length)
                    row[word] += factors[i];
                rows.Write(i, row);
            }
        });
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

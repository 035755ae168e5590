using System.Numerics.Tensors;
using Vpo.Models.Decoding;

namespace Vpo.Models.Generation;

/// <summary>Cuts of the distribution, with the arithmetic of Hugging Face's warpers of the same names. One instance per thread: it owns scratch space.</summary>
internal sealed class Warpers(int vocabulary)
{
    private const float Removed = float.NegativeInfinity;
    private const float Step = 16;   // how fast the search for a top-p cut widens

    private readonly float[] _probabilities = new float[vocabulary];
    private readonly float[] _keys = new float[vocabulary];
    private readonly int[] _order = new int[vocabulary];

    public static void Temperature(Span<float> scores, float temperature) => TensorPrimitives.Divide(scores, temperature, scores);

    public void TopK(Span<float> scores, int k, int keep = 1)
    {
        k = Math.Min(Math.Max(k, keep), scores.Length);
        var least = KthLargest(scores, k);
        foreach (ref var score in scores)
            score = score < least ? Removed : score;
    }

    /// <summary>Drops the unlikeliest tokens while their sum is at most 1 − p. Only tokens near the cut are sorted.</summary>
    public void TopP(Span<float> scores, double p, int keep = 1)
    {
        var probabilities = Softmax(scores);
        var count = 0;
        double above = 0;
        for (var floor = TensorPrimitives.Max<float>(probabilities) / Step; ; floor = floor < 1e-30f ? 0 : floor / Step)
        {
            (count, above) = Collect(probabilities, floor);
            if ((above > p && count >= keep) || !(floor > 0))   // also where it is no number
                break;
        }
        Array.Sort(_keys, _order, 0, count);
        var below = Math.Max(0, VectorLanes.Sum(probabilities) - above);
        var first = 0;   // of the collected, ascending: the first that stays
        while (first < count - keep && (below += _keys[first]) <= 1 - p)
            first++;
        Keep(scores, _order.AsSpan(first, count - first));
    }

    public void MinP(Span<float> scores, double share, int keep = 1)
    {
        var probabilities = Softmax(scores);
        Drop(scores, probabilities, (float)share * TensorPrimitives.Max<float>(probabilities), keep);
    }

    public void Epsilon(Span<float> scores, double epsilon, int keep = 1) => Drop(scores, Softmax(scores), (float)epsilon, keep);

    public void Eta(Span<float> scores, double epsilon, int keep = 1)
    {
        var probabilities = Softmax(scores);
        Drop(scores, probabilities, (float)Math.Min(epsilon, Math.Sqrt(epsilon) * Math.Exp(-Entropy(probabilities))), keep);
    }

    /// <summary>Keeps tokens whose surprise is nearest to the entropy, up to the mass.</summary>
    public void Typical(Span<float> scores, double mass, int keep = 1)
    {
        var probabilities = Softmax(scores);
        var entropy = Entropy(probabilities);
        for (var i = 0; i < scores.Length; i++)
            (_order[i], _keys[i]) = (i, probabilities[i] == 0 ? float.PositiveInfinity : (float)Math.Abs(-Math.Log(probabilities[i]) - entropy));
        Array.Sort(_keys, _order, 0, scores.Length);
        var last = 0;
        var sum = 0.0;
        while (last < scores.Length - 1 && (sum += probabilities[_order[last]]) < mass)
            last++;
        var limit = _keys[last];
        for (var i = keep; i < scores.Length; i++)
        {
            if (_keys[i] > limit)
                scores[_order[i]] = Removed;
        }
    }

    public void Normalize(Span<float> scores)
    {
        var max = TensorPrimitives.Max<float>(scores);
        TensorPrimitives.Subtract(scores, max, _probabilities.AsSpan(0, scores.Length));
        TensorPrimitives.Exp(_probabilities.AsSpan(0, scores.Length), _probabilities);
        TensorPrimitives.Subtract(scores, max + MathF.Log(VectorLanes.Sum(_probabilities.AsSpan(0, scores.Length))), scores);
    }

    /// <summary>exp(score) / Σ exp in a buffer that the next call overwrites.</summary>
    public Span<float> Softmax(ReadOnlySpan<float> scores)
    {
        var result = _probabilities.AsSpan(0, scores.Length);
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max(scores), result);
        TensorPrimitives.Exp(result, result);
        TensorPrimitives.Divide(result, VectorLanes.Sum(result), result);
        return result;
    }

    private (int Count, double Sum) Collect(ReadOnlySpan<float> probabilities, float floor)
    {
        var (count, sum) = (0, 0.0);
        for (var i = 0; (i = VectorLanes.NextAtLeast(probabilities, i, floor)) < probabilities.Length; i++)
        {
            (_keys[count], _order[count++]) = (probabilities[i], i);
            sum += probabilities[i];
        }
        return (count, sum);
    }

    private void Keep(Span<float> scores, ReadOnlySpan<int> kept)
    {
        for (var i = 0; i < kept.Length; i++)
            _keys[i] = scores[kept[i]];
        scores.Fill(Removed);
        for (var i = 0; i < kept.Length; i++)
            scores[kept[i]] = _keys[i];
    }

    private void Drop(Span<float> scores, ReadOnlySpan<float> probabilities, float floor, int keep)
    {
        var least = KthLargest(scores, Math.Min(keep, scores.Length));
        for (var i = 0; i < scores.Length; i++)
        {
            if (probabilities[i] < floor && scores[i] < least)
                scores[i] = Removed;
        }
    }

    private float KthLargest(ReadOnlySpan<float> scores, int k)
    {
        if (k == 1)
            return TensorPrimitives.Max(scores);
        var heap = new PriorityQueue<float, float>(k);   // the smallest of the k largest is on top
        foreach (var score in scores[..k])
            heap.Enqueue(score, score);
        for (var i = k; (i = VectorLanes.NextAtLeast(scores, i, heap.Peek())) < scores.Length; i++)
            heap.EnqueueDequeue(scores[i], scores[i]);
        return heap.Peek();
    }

    private static double Entropy(ReadOnlySpan<float> probabilities)
    {
        var entropy = 0.0;
        foreach (var p in probabilities)
            entropy -= p > 0 ? p * Math.Log(p) : 0;
        return entropy;
    }
}

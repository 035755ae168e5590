using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vpo.Models.Decoding;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Kernels;

/// <summary>
/// The softmax of scaled attention scores under the causal rule, in place, and its gradient. Rows are the queries of a segment, G heads for
/// each token; columns are the keys it sees: first all of its ancestors', then its own up to the query's token.
/// </summary>
/// <param name="Ancestors">Keys before the segment's own.</param>
/// <param name="Groups">G.</param>
/// <param name="Scale">1/√D.</param>
internal readonly record struct CausalSoftmaxKernel(int Ancestors, int Groups, float Scale)
{
    /// <param name="scores">[K, L·G, S]: products of queries and keys; becomes the weights.</param>
    public void Forward(Tensor scores)
    {
        if (!TensorRows.Supports(scores))
        {
            Composed(scores);
            return;
        }
        var rows = TensorRows.Of(scores);
        var (self, perHead) = (this, scores.shape[1]);
        Workers.Run(scores.shape[0] * perHead, rows.Width, (_, first, last) =>
        {
            var row = RowVectors.Room(rows.Width);
            for (var r = first; r < last; r++)
            {
                var seen = self.Seen(r % perHead);
                rows.Read(r, row.AsSpan(0, seen));
                row.AsSpan(seen).Fill(float.NegativeInfinity);
                Softmax(row, seen, self.Scale);
                row.AsSpan(seen).Clear();
                rows.Write(r, row.AsSpan(0, rows.Width));
            }
        });
    }

    /// <summary>P ∘ (dP − Σ P ∘ dP) · scale, in place of dP.</summary>
    /// <param name="weights">[K, L·G, S]: P.</param>
    /// <param name="gradient">dP; becomes the gradient of the products.</param>
    public void Backward(Tensor weights, Tensor gradient)
    {
        if (!TensorRows.Supports(weights))
        {
            ComposedBackward(weights, gradient);
            return;
        }
        TensorRows p = TensorRows.Of(weights), d = TensorRows.Of(gradient);
        var (self, perHead) = (this, weights.shape[1]);
        Workers.Run(weights.shape[0] * perHead, p.Width, (_, first, last) =>
        {
            float[] weight = RowVectors.Room(p.Width), back = RowVectors.Room(p.Width);
            for (var r = first; r < last; r++)
            {
                var seen = self.Seen(r % perHead);
                p.Read(r, weight.AsSpan(0, seen));
                d.Read(r, back.AsSpan(0, seen));
                weight.AsSpan(seen).Clear();   // what is not seen gets no gradient
                Differentiate(weight, back, self.Scale);
                d.Write(r, back.AsSpan(0, d.Width));
            }
        });
    }

    [MethodImpl(Workers.Hot)]
    private static void Softmax(float[] row, int seen, float scale)
    {
        var greatest = Vector512.Create(float.NegativeInfinity);
        for (var at = 0; at < seen; at += RowVectors.Count)
            greatest = Vector512.MaxNative(greatest, row.From(at));
        var (factor, shift, sum) = (Vector512.Create(scale), Vector512.Create(VectorLanes.Max(greatest) * scale), Vector512<float>.Zero);
        for (var at = 0; at < seen; at += RowVectors.Count)
        {
            var exponential = RowVectors.Exp(row.From(at) * factor - shift);
            sum += exponential;
            exponential.To(row, at);
        }
        var share = Vector512.Create(1 / Vector512.Sum(sum));
        for (var at = 0; at < seen; at += RowVectors.Count)
            (row.From(at) * share).To(row, at);
    }

    [MethodImpl(Workers.Hot)]
    private static void Differentiate(float[] weights, float[] gradient, float scale)
    {
        var sum = Vector512<float>.Zero;
        for (var at = 0; at < weights.Length; at += RowVectors.Count)
            sum = Vector512.FusedMultiplyAdd(weights.From(at), gradient.From(at), sum);
        var (mean, factor) = (Vector512.Create(Vector512.Sum(sum)), Vector512.Create(scale));
        for (var at = 0; at < weights.Length; at += RowVectors.Count)
            ((gradient.From(at) - mean) * weights.From(at) * factor).To(gradient, at);
    }

    private int Seen(long queryRow) => Ancestors + (int)(queryRow / Groups) + 1;

    internal void Composed(Tensor scores)
    {
        using var scope = NewDisposeScope();
        var (length, keys) = (scores.shape[1] / Groups, scores.shape[2]);
        var hidden = ones([length, keys], dtype: ScalarType.Bool, device: scores.device).triu(Ancestors + 1).repeat_interleave(Groups, 0);
        scores.copy_(scores.to(ScalarType.Float32).Times(Scale).masked_fill(hidden, Scalars.NegativeInfinity).softmax(-1));
    }

    internal void ComposedBackward(Tensor weights, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (p, d) = (weights.to(ScalarType.Float32), gradient.to(ScalarType.Float32));
        gradient.copy_(d.Minus(p.mul(d).sum(-1, keepdim: true)).mul(p).Times(Scale));
    }
}

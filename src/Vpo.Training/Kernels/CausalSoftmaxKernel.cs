using Vpo.Models.Tensors;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

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
            var row = new float[rows.Width];
            for (var r = first; r < last; r++)
            {
                var seen = row.AsSpan(0, self.Seen(r % perHead));
                rows.Read(r, seen);
                TensorPrimitives.Multiply(seen, self.Scale, seen);
                TensorPrimitives.Subtract(seen, TensorPrimitives.Max<float>(seen), seen);
                TensorPrimitives.Exp<float>(seen, seen);
                TensorPrimitives.Multiply(seen, 1 / TensorPrimitives.Sum<float>(seen), seen);
                row.AsSpan(seen.Length).Clear();
                rows.Write(r, row);
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
            float[] weight = new float[p.Width], back = new float[p.Width];
            for (var r = first; r < last; r++)
            {
                var seen = self.Seen(r % perHead);
                Span<float> w = weight.AsSpan(0, seen), b = back.AsSpan(0, seen);
                p.Read(r, w);
                d.Read(r, b);
                TensorPrimitives.Add(b, -TensorPrimitives.Dot<float>(w, b), b);
                TensorPrimitives.Multiply(b, w, b);
                TensorPrimitives.Multiply(b, self.Scale, b);
                back.AsSpan(seen).Clear();
                d.Write(r, back);
            }
        });
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

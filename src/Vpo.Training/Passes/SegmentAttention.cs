using Vpo.Models.Tensors;
using Vpo.Training.Kernels;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

/// <summary>Attention of one layer over the segments of a packed batch: each segment's queries over its ancestors' keys and its own. No mask is ever made.</summary>
/// <remarks>The query heads of a group are rows of one product with their key-value head.</remarks>
internal sealed class SegmentAttention(IReadOnlyList<Segment> segments, HeadLayout heads)
{
    private readonly float _scale = (float)(1 / Math.Sqrt(heads.Dim));

    /// <param name="q">[K, T, G, D].</param>
    /// <param name="k">[K, T, D].</param>
    /// <param name="v">[K, T, D].</param>
    /// <param name="weights">Gets the weights of each segment, detached from scopes; null forgets them.</param>
    /// <returns>[T, K·G·D]: what each token's heads have gathered.</returns>
    public Tensor Forward(Tensor q, Tensor k, Tensor v, List<Tensor>? weights)
    {
        using var scope = NewDisposeScope();
        var mixed = empty([q.shape[1], heads.Shared, heads.Groups, heads.Dim], dtype: q.dtype, device: q.device);
        var place = mixed.transpose(0, 1);
        foreach (var segment in segments)
        {
            using var inner = NewDisposeScope();
            var p = Queries(q, segment).bmm(Seen(k, segment).transpose(1, 2));
            SoftmaxOf(segment).Forward(p);
            place.narrow(1, segment.Start, segment.Length).copy_(p.bmm(Seen(v, segment)).view(heads.Shared, segment.Length, heads.Groups, heads.Dim));
            weights?.Add(p.DetachFromDisposeScope());
        }
        return mixed.view(mixed.shape[0], -1).MoveToOuterDisposeScope();
    }

    /// <summary>Gradients for queries (in their type), keys and values (float32, because segments share them).</summary>
    /// <param name="gradient">[T, K·G·D].</param>
    /// <param name="q">As in <see cref="Forward"/>.</param>
    /// <param name="k">As there.</param>
    /// <param name="v">As there.</param>
    /// <param name="weights">What it kept.</param>
    public (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient, Tensor q, Tensor k, Tensor v, IReadOnlyList<Tensor> weights)
    {
        using var scope = NewDisposeScope();
        var dq = empty_like(q);
        Tensor dk = zeros_like(k, dtype: ScalarType.Float32), dv = zeros_like(v, dtype: ScalarType.Float32);
        var back = gradient.view(-1, heads.Shared, heads.Groups, heads.Dim).transpose(0, 1).contiguous();
        for (var i = 0; i < segments.Count; i++)
        {
            using var inner = NewDisposeScope();
            var (segment, p) = (segments[i], weights[i]);
            var (queries, own) = (Queries(q, segment), Queries(back, segment));
            var d = own.bmm(Seen(v, segment).transpose(1, 2));
            SoftmaxOf(segment).Backward(p, d);
            dq.narrow(1, segment.Start, segment.Length).copy_(d.bmm(Seen(k, segment)).view(heads.Shared, segment.Length, heads.Groups, heads.Dim));
            Spread(dk, d.transpose(1, 2).bmm(queries), segment);
            Spread(dv, p.transpose(1, 2).bmm(own), segment);
        }
        return (dq.MoveToOuterDisposeScope(), dk.MoveToOuterDisposeScope(), dv.MoveToOuterDisposeScope());
    }

    private CausalSoftmaxKernel SoftmaxOf(Segment segment) => new(segment.Ancestors.Sum(a => segments[a].Length), heads.Groups, _scale);

    private Tensor Queries(Tensor x, Segment segment) => x.narrow(1, segment.Start, segment.Length).view(heads.Shared, segment.Length * heads.Groups, heads.Dim);

    private Tensor Seen(Tensor x, Segment segment) => segment.Ancestors.Count == 0
        ? x.narrow(1, segment.Start, segment.Length)
        : cat([.. Chain(segment).Select(s => x.narrow(1, s.Start, s.Length))], 1);

    private void Spread(Tensor into, Tensor values, Segment segment)
    {
        var at = 0;
        foreach (var part in Chain(segment))
        {
            into.narrow(1, part.Start, part.Length).add_(values.narrow(1, at, part.Length), Scalars.One);
            at += part.Length;
        }
    }

    private IEnumerable<Segment> Chain(Segment segment) => segment.Ancestors.Select(a => segments[a]).Append(segment);
}

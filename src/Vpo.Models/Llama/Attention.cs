using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>softmax(q kᵀ / √d + mask) v, where several query heads share a key-value head without copying it.</summary>
internal static class Attention
{
    /// <param name="q">[B, Hq, T, D], contiguous.</param>
    /// <param name="k">[B, Hkv, S, D].</param>
    /// <param name="v">[B, Hkv, S, D].</param>
    /// <param name="context">Its mask [B or 1, 1, T, S] is added to the scores; without one, query t sees keys up to t.</param>
    /// <returns>[B, Hq, T, D].</returns>
    public static Tensor Mix(Tensor q, Tensor k, Tensor v, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        var mixed = q.shape[2] == 1 ? OneQuery(q, k, v, context.Mask)
            : context.Materialise ? Materialised(q, k, v, context.Mask!)
            : Flash(q, k, v, context.Mask);
        return mixed.view(q.shape).MoveToOuterDisposeScope();
    }

    /// <summary>Decoding: the heads of a group become the rows of one small product. Measured faster than the flash kernel, which is made for many queries.</summary>
    private static Tensor OneQuery(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        var (batch, shared, dim) = (k.shape[0], k.shape[1], k.shape[3]);
        var scores = q.Times(1 / Math.Sqrt(dim)).view(batch, shared, -1, dim).matmul(k.transpose(-2, -1));
        var seen = mask is null ? scores : scores.PlusInPlace(mask);
        return seen.softmax(-1, ScalarType.Float32).to(v.dtype).matmul(v);
    }

    private static Tensor Flash(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        long[] shape = k.shape;
        var (rows, groups, length) = (shape[0] * shape[1], q.shape[1] / shape[1], q.shape[2]);
        Tensor Spread(Tensor x) => x.reshape(rows, 1, shape[2], shape[3]).expand(rows, groups, shape[2], shape[3]);   // stride 0: no copy
        var perRow = mask is null || mask.shape[0] == 1 ? mask : mask.repeat_interleave(shape[1], 0);
        return nn.functional.scaled_dot_product_attention(q.view(rows, groups, length, shape[3]), Spread(k), Spread(v), perRow, 0, is_casual: mask is null);
    }

    private static Tensor Materialised(Tensor q, Tensor k, Tensor v, Tensor mask)
    {
        long[] shape = q.shape, keys = k.shape;
        var (batch, shared, groups, length, dim) = (keys[0], keys[1], shape[1] / keys[1], shape[2], shape[3]);
        var scores = q.Times(1 / Math.Sqrt(dim)).view(batch, shared, groups * length, dim).matmul(k.transpose(-2, -1));
        var weights = scores.view(batch, shared * groups, length, -1).Plus(mask).softmax(-1, ScalarType.Float32).to(v.dtype);
        return weights.view(batch, shared, groups * length, -1).matmul(v);
    }
}

using Vpo.Models.Tensors;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Vpo.Training.Kernels;

/// <summary>Weights into the type of the arithmetic, gradients out of it.</summary>
internal static class Casts
{
    private const int Block = 1 << 12;

    /// <summary>Copies matrices [n, inputs] under each other into one of the wanted type; a single one of that type is passed through.</summary>
    public static Tensor Joined(ScalarType type, params ReadOnlySpan<Tensor> matrices)
    {
        if (matrices is [var only] && only.dtype == type)
            return only.alias();
        var rows = 0L;
        foreach (var matrix in matrices)
            rows += matrix.shape[0];
        var joined = empty([rows, matrices[0].shape[1]], dtype: type, device: matrices[0].device);
        var at = 0L;
        foreach (var matrix in matrices)
        {
            using var place = joined.narrow(0, at, matrix.shape[0]);
            using var values = matrix.detach();
            place.copy_(values);
            at += matrix.shape[0];
        }
        return joined;
    }

    /// <summary>into += values, in one pass over memory.</summary>
    /// <param name="into">Contiguous.</param>
    /// <param name="values">As many elements; of any type.</param>
    public static void Accumulate(Tensor into, Tensor values)
    {
        if (!TensorRows.Supports(into) || !TensorRows.Supports(values) || !values.is_contiguous())
        {
            using var same = values.to(into.dtype);
            into.add_(same, Scalars.One);
            return;
        }
        var count = into.numel();
        TensorRows sums = TensorRows.Of(into, 1), news = TensorRows.Of(values, 1);
        Workers.Run((count + Block - 1) / Block, Block, (_, first, last) =>
        {
            float[] sum = new float[Block], addend = new float[Block];
            for (var at = first * Block; at < Math.Min(last * Block, count); at += Block)
            {
                var length = (int)Math.Min(Block, count - at);
                sums.Read(at, sum.AsSpan(0, length));
                news.Read(at, addend.AsSpan(0, length));
                TensorPrimitives.Add<float>(sum.AsSpan(0, length), addend.AsSpan(0, length), sum.AsSpan(0, length));
                sums.Write(at, sum.AsSpan(0, length));
            }
        });
    }
}

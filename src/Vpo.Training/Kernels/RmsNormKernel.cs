using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Vpo.Training.Kernels;

/// <summary>x / √(mean x² + ε) · w of each row and its gradient: one pass over memory each on the CPU.</summary>
internal static class RmsNormKernel
{
    /// <param name="x">[T, H].</param>
    /// <param name="weight">[H].</param>
    /// <param name="epsilon">ε.</param>
    /// <returns>[T, H] in x's type.</returns>
    public static Tensor Forward(Tensor x, Tensor weight, double epsilon)
    {
        if (!TensorRows.Supports(x))
            return Composed(x, weight, epsilon);
        var y = empty_like(x);
        var (from, into, width, scale) = (TensorRows.Of(x), TensorRows.Of(y), (int)x.shape[1], TensorRows.Numbers(weight));
        Workers.Run(x.shape[0], width, (_, first, last) =>
        {
            var row = RowVectors.Room(width);
            for (var t = first; t < last; t++)
            {
                from.Read(t, row.AsSpan(0, width));
                Normalise(row, scale, Root(row, width, epsilon));
                into.Write(t, row.AsSpan(0, width));
            }
        });
        return y;
    }

    /// <summary>The gradient for x, added to one that comes by another way.</summary>
    /// <param name="gradient">[T, H]: for the result.</param>
    /// <param name="x">What <see cref="Forward"/> got.</param>
    /// <param name="weight">[H].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="beside">[T, H]: gradient of x around the norm; null without.</param>
    /// <returns>For x [T, H], and for the weight, float32 [H].</returns>
    public static (Tensor X, Tensor Weight) Backward(Tensor gradient, Tensor x, Tensor weight, double epsilon, Tensor? beside = null)
    {
        if (!TensorRows.Supports(x))
            return ComposedBackward(gradient, x, weight, epsilon, beside);
        var (result, width, scale) = (empty_like(x), (int)x.shape[1], TensorRows.Numbers(weight));
        var sums = new float[Workers.Parts(x.shape[0], width)][];
        TensorRows dy = TensorRows.Of(gradient), from = TensorRows.Of(x), into = TensorRows.Of(result), other = beside is null ? default : TensorRows.Of(beside);
        Workers.Run(x.shape[0], width, (part, first, last) =>
        {
            var sum = sums[part] = RowVectors.Room(width);
            float[] row = RowVectors.Room(width), back = RowVectors.Room(width), more = RowVectors.Room(width);
            for (var t = first; t < last; t++)
            {
                from.Read(t, row.AsSpan(0, width));
                dy.Read(t, back.AsSpan(0, width));
                if (beside is not null)
                    other.Read(t, more.AsSpan(0, width));
                Differentiate(row, back, scale, sum, more, Root(row, width, epsilon), width);
                into.Write(t, row.AsSpan(0, width));
            }
        });
        for (var part = 1; part < sums.Length; part++)
            TensorPrimitives.Add(sums[0], sums[part], sums[0]);
        return (result, tensor(sums[0].AsSpan(0, width).ToArray()));
    }

    /// <summary>1 / √(mean x² + ε).</summary>
    [MethodImpl(Workers.Hot)]
    private static float Root(float[] row, int width, double epsilon)
    {
        var squares = Vector512<float>.Zero;
        for (var at = 0; at < row.Length; at += RowVectors.Count)
            squares = Vector512.FusedMultiplyAdd(row.From(at), row.From(at), squares);
        return 1 / MathF.Sqrt(Vector512.Sum(squares) / width + (float)epsilon);
    }

    [MethodImpl(Workers.Hot)]
    private static void Normalise(float[] row, float[] scale, float root)
    {
        for (var at = 0; at < row.Length; at += RowVectors.Count)
            (row.From(at) * root * scale.From(at)).To(row, at);
    }

    /// <summary>row ← its gradient and what comes beside; sum += the weight's gradient.</summary>
    [MethodImpl(Workers.Hot)]
    private static void Differentiate(float[] row, float[] back, float[] scale, float[] sum, float[] beside, float root, int width)
    {
        var products = Vector512<float>.Zero;
        for (var at = 0; at < row.Length; at += RowVectors.Count)
            products = Vector512.FusedMultiplyAdd(row.From(at), back.From(at) * scale.From(at), products);
        var mean = Vector512.Create(Vector512.Sum(products) * root / width);
        for (var at = 0; at < row.Length; at += RowVectors.Count)
        {
            Vector512<float> unit = row.From(at) * root, gradient = back.From(at);
            Vector512.FusedMultiplyAdd(gradient, unit, sum.From(at)).To(sum, at);
            ((gradient * scale.From(at) - unit * mean) * root + beside.From(at)).To(row, at);
        }
    }

    internal static Tensor Composed(Tensor x, Tensor weight, double epsilon)
    {
        using var scope = NewDisposeScope();
        var wide = x.to(ScalarType.Float32);
        return wide.mul(Root(wide, epsilon)).mul(weight.to(ScalarType.Float32)).to(x.dtype).MoveToOuterDisposeScope();
    }

    internal static (Tensor X, Tensor Weight) ComposedBackward(Tensor gradient, Tensor x, Tensor weight, double epsilon, Tensor? beside)
    {
        using var scope = NewDisposeScope();
        var (wide, dy) = (x.to(ScalarType.Float32), gradient.to(ScalarType.Float32));
        var root = Root(wide, epsilon);
        var unit = wide.mul(root);
        var scaled = dy.mul(weight.to(ScalarType.Float32));
        var dx = scaled.Minus(unit.mul(scaled.mul(unit).mean([-1], keepdim: true))).mul(root).to(x.dtype);
        return ((beside is null ? dx : dx.Plus(beside)).MoveToOuterDisposeScope(), dy.mul(unit).sum([0L]).MoveToOuterDisposeScope());
    }

    private static Tensor Root(Tensor wide, double epsilon) => wide.Squared().mean([-1], keepdim: true).Plus(epsilon).rsqrt();
}

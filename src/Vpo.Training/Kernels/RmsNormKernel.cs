using System.Buffers;
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
        var (from, into, scale) = (TensorRows.Of(x), TensorRows.Of(y), Numbers(weight));
        Workers.Run(x.shape[0], from.Width, (_, first, last) =>
        {
            var row = ArrayPool<float>.Shared.Rent(from.Width);
            var values = row.AsSpan(0, from.Width);
            for (var t = first; t < last; t++)
            {
                from.Read(t, values);
                TensorPrimitives.Multiply(values, Scale(values, epsilon), values);
                TensorPrimitives.Multiply(values, scale, values);
                into.Write(t, values);
            }
            ArrayPool<float>.Shared.Return(row);
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
        var result = empty_like(x);
        var width = (int)x.shape[1];
        var sums = new float[Workers.Parts(x.shape[0], width)][];
        TensorRows dy = TensorRows.Of(gradient), from = TensorRows.Of(x), into = TensorRows.Of(result), other = beside is null ? default : TensorRows.Of(beside);
        var scale = Numbers(weight);
        Workers.Run(x.shape[0], width, (part, first, last) =>
        {
            var sum = sums[part] = new float[width];
            float[] unit = new float[width], back = new float[width], scaled = new float[width];
            for (var t = first; t < last; t++)
            {
                from.Read(t, unit);
                dy.Read(t, back);
                var root = Scale(unit, epsilon);
                TensorPrimitives.Multiply(unit, root, unit);
                TensorPrimitives.MultiplyAdd(back, unit, sum, sum);
                TensorPrimitives.Multiply(back, scale, scaled);
                var mean = TensorPrimitives.Dot<float>(scaled, unit) / width;
                TensorPrimitives.MultiplyAdd(unit, -mean, scaled, scaled);
                TensorPrimitives.Multiply(scaled, root, scaled);
                if (beside is not null)
                {
                    other.Read(t, back);
                    TensorPrimitives.Add(scaled, back, scaled);
                }
                into.Write(t, scaled);
            }
        });
        for (var part = 1; part < sums.Length; part++)
            TensorPrimitives.Add(sums[0], sums[part], sums[0]);
        return (result, tensor(sums[0]));
    }

    private static float Scale(ReadOnlySpan<float> row, double epsilon) => 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares(row) / row.Length + (float)epsilon);

    private static float[] Numbers(Tensor weight)
    {
        using var wide = weight.detach().to(ScalarType.Float32);
        return wide.data<float>().ToArray();
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

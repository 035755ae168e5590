using System.Runtime.Intrinsics;

namespace Vpo.Video.CogVideoX;

/// <summary>Activations, and what the norms of the decoder do with rows.</summary>
internal static partial class BrainFloats
{
    private const int Block = 4096;   // float32 sums of so many numbers, float64 sums of those

    /// <summary>The next multiple of a vector's length.</summary>
    public static int RoundUp(int length) => (length + Lanes - 1) / Lanes * Lanes;

    /// <summary>Sum and sum of squares.</summary>
    public static (double Sum, double Squares) Moments(ReadOnlySpan<ushort> values)
    {
        var (sum, squares) = (0.0, 0.0);
        for (var start = 0; start < values.Length; start += Block)
        {
            var block = values.Slice(start, Math.Min(Block, values.Length - start));
            var (s, q) = (Vector512<float>.Zero, Vector512<float>.Zero);
            var whole = block.Length / Lanes * Lanes;
            for (var i = 0; i < whole; i += Lanes)
            {
                var x = Load(block, i);
                s += x;
                q = Vector512.FusedMultiplyAdd(x, x, q);
            }
            (sum, squares) = (sum + Vector512.Sum(s), squares + Vector512.Sum(q));
            foreach (var bits in block[whole..])
            {
                double x = BitConverter.UInt32BitsToSingle((uint)bits << 16);
                (sum, squares) = (sum + x, squares + x * x);
            }
        }
        return (sum, squares);
    }

    /// <summary>Enlarges a row by nearest neighbour; the target's length is a multiple of the source's.</summary>
    public static void Repeat(ReadOnlySpan<ushort> source, Span<float> target)
    {
        var times = target.Length / source.Length;
        for (var i = 0; i < source.Length; i++)
            target.Slice(i * times, times).Fill(BitConverter.UInt32BitsToSingle((uint)source[i] << 16));
    }

    /// <summary>target = silu((source · scale + shift) · factor + offset).</summary>
    /// <param name="source">Of any length.</param>
    /// <param name="target">Of the same length.</param>
    /// <param name="affine">Scale and shift.</param>
    /// <param name="steering">Factors in the first half, offsets in the second; each half is rounded up to whole vectors.</param>
    public static void Steer(ReadOnlySpan<ushort> source, Span<ushort> target, (float Scale, float Shift) affine, ReadOnlySpan<float> steering)
    {
        var (half, whole) = (steering.Length / 2, source.Length / Lanes * Lanes);
        var (scale, shift) = (Vector512.Create(affine.Scale), Vector512.Create(affine.Shift));
        for (var i = 0; i < whole; i += Lanes)
        {
            var normed = Vector512.FusedMultiplyAdd(Load(source, i), scale, shift);
            _ = Store(target, i, Silu(Vector512.FusedMultiplyAdd(normed, Vector512.Create(steering.Slice(i, Lanes)), Vector512.Create(steering.Slice(half + i, Lanes)))));
        }
        if (whole == source.Length)
            return;
        Span<ushort> tail = stackalloc ushort[Lanes];
        source[whole..].CopyTo(tail);
        var last = Vector512.FusedMultiplyAdd(Load(tail, 0), scale, shift);
        _ = Store(tail, 0, Silu(Vector512.FusedMultiplyAdd(last, Vector512.Create(steering.Slice(whole, Lanes)), Vector512.Create(steering.Slice(half + whole, Lanes)))));
        tail[..(source.Length - whole)].CopyTo(target[whole..]);
    }

    /// <summary>GELU in its tanh form, in place: x·σ(2√(2/π)·(x + 0.044715·x³)).</summary>
    /// <param name="values">A multiple of 16 numbers.</param>
    public static void Gelu(Span<ushort> values)
    {
        const float Cubic = 0.044715f, Slope = 1.59576912f;
        for (var i = 0; i < values.Length; i += Lanes)
        {
            var x = Load(values, i);
            var inner = Vector512.FusedMultiplyAdd(x * x * Vector512.Create(Cubic), x, x) * Vector512.Create(Slope);
            _ = Store(values, i, x / (Vector512<float>.One + ExpOfMinus(inner)));
        }
    }

    /// <summary>x / (1 + e^−x).</summary>
    private static Vector512<float> Silu(Vector512<float> x) => x / (Vector512<float>.One + ExpOfMinus(x));

    private static Vector512<float> ExpOfMinus(Vector512<float> x) =>
        PowerOfTwo(Vector512.MinNative(Vector512.MaxNative(x * Vector512.Create(-Log2E), Vector512.Create(LeastExponent)), Vector512.Create(-LeastExponent)));
}

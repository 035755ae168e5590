using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vpo.Models.Decoding;

/// <summary>Steps that the kernels share, on 16 numbers at a time.</summary>
/// <remarks>Vector512 is one register with AVX-512 and a pair or four of them elsewhere, so the same code runs on every machine.</remarks>
internal static class VectorLanes
{
    public const int Count = 16;

    /// <summary>The sums of four vectors' lanes, always added in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        if (!Avx512F.IsSupported)
            return Vector128.Create(Vector512.Sum(a), Vector512.Sum(b), Vector512.Sum(c), Vector512.Sum(d));
        var ab = Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);   // in each quarter: a0+a2, b0+b2, a1+a3, b1+b3
        var cd = Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d);
        var all = Avx512F.UnpackLow(ab.AsDouble(), cd.AsDouble()).AsSingle() + Avx512F.UnpackHigh(ab.AsDouble(), cd.AsDouble()).AsSingle();
        var half = all.GetLower() + all.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    /// <summary>The greatest of all sixteen.</summary>
    public static float Max(Vector512<float> x)
    {
        var most = float.NegativeInfinity;
        for (var i = 0; i < Count; i++)
            most = Math.Max(most, x.GetElement(i));
        return most;
    }

    /// <summary>Σ x, always added in the same order; TensorPrimitives begins where a cache line does.</summary>
    public static float Sum(ReadOnlySpan<float> x)
    {
        Vector512<float> a = default, b = default;
        var i = 0;
        for (; i + 2 * Count <= x.Length; i += 2 * Count)
            (a, b) = (a + Vector512.Create(x[i..]), b + Vector512.Create(x[(i + Count)..]));
        var sum = Vector512.Sum(a + b);
        for (; i < x.Length; i++)
            sum += x[i];
        return sum;
    }

    /// <summary>Σ x², always added in the same order.</summary>
    public static float SumOfSquares(ReadOnlySpan<float> x)
    {
        Vector512<float> a = default;
        var i = 0;
        for (; i + Count <= x.Length; i += Count)
        {
            var v = Vector512.Create(x[i..]);
            a = Vector512.FusedMultiplyAdd(v, v, a);
        }
        var sum = Vector512.Sum(a);
        for (; i < x.Length; i++)
            sum += x[i] * x[i];
        return sum;
    }

    /// <summary>The place of the first number from a place on that is not under a limit; the length when there is none.</summary>
    public static int NextAtLeast(ReadOnlySpan<float> x, int from, float limit)
    {
        var wanted = Vector512.Create(limit);
        while (from + Count <= x.Length)
        {
            var hits = Vector512.GreaterThanOrEqual(Vector512.Create(x[from..]), wanted).ExtractMostSignificantBits();
            if (hits != 0)
                return from + System.Numerics.BitOperations.TrailingZeroCount(hits);
            from += Count;
        }
        while (from < x.Length && !(x[from] >= limit))
            from++;
        return from;
    }

    /// <summary>The even ones of 32 bfloat16 numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Evens(Vector512<uint> pairs) => (pairs << 16).AsSingle();

    /// <summary>The odd ones of 32 bfloat16 numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Odds(Vector512<uint> pairs) => (pairs & Vector512.Create(0xFFFF0000)).AsSingle();

    /// <summary>Rounds to the nearest bfloat16, ties to even; in the upper halves of the results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Rounded(Vector512<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x).AsUInt32(), rounded, Vector512.Create(0x7FC00000u));   // not a number stays one
    }

    /// <summary>The same for four numbers, as numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Rounded(Vector128<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = (bits + Vector128.Create(0x7FFFu) + ((bits >> 16) & Vector128<uint>.One)) & Vector128.Create(0xFFFF0000);
        return Vector128.ConditionalSelect(Vector128.Equals(x, x).AsUInt32(), rounded, Vector128.Create(0x7FC00000u)).AsSingle();
    }

    /// <summary>Sixteen numbers as float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<float> Load<T>(T* at) where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return Vector512.Load((float*)at);
        var half = Vector256.Load((ushort*)at);
        var wide = Avx512F.IsSupported ? Avx512F.ConvertToVector512UInt32(half) : Vector512.Create(Vector256.WidenLower(half), Vector256.WidenUpper(half));
        return (wide << 16).AsSingle();
    }

    /// <summary>Writes sixteen numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store<T>(Vector512<float> x, T* at) where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            x.Store((float*)at);
        else
            Vector256.Narrow((Rounded(x) >> 16).GetLower(), (Rounded(x) >> 16).GetUpper()).Store((ushort*)at);
    }

    /// <summary>Writes the first <paramref name="count"/> of four numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreFirst(Vector128<float> x, float* at, int count)
    {
        if (count >= 4)
            x.Store(at);
        else
        {
            for (var i = 0; i < count; i++)
                at[i] = x[i];
        }
    }

    /// <summary>Writes four numbers below each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreColumn(Vector128<float> x, float* at, nint stride)
    {
        at[0] = x[0];
        at[stride] = x[1];
        at[2 * stride] = x[2];
        at[3 * stride] = x[3];
    }
}

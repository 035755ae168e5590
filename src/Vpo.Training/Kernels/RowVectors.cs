using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Vpo.Models.Decoding;

namespace Vpo.Training.Kernels;

/// <summary>Sixteen float32 numbers at once: the functions of which the kernels need more than <see cref="Vector512"/> has.</summary>
internal static class RowVectors
{
    /// <summary>Numbers in a vector.</summary>
    public const int Count = VectorLanes.Count;

    // eˣ is 0 below and infinite above these.
    private const float Least = -150, Most = 130;

    // ln 2 in two parts, the first of few digits, so that n · ln 2 is taken off without rounding.
    private const float Log2E = 1.44269504f, Ln2Coarse = 0.693359375f, Ln2Rest = -2.12194440e-4f;

    private const int ExponentBias = 127, FractionBits = 23;

    /// <summary>eˣ = 2ⁿ · eʳ with |r| ≤ ½ ln 2, eʳ by a polynomial: within 2 units in the last place. TensorPrimitives goes by float64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.MinNative(Of(Most), Vector512.MaxNative(Of(Least), x));   // in this order a NaN stays one
        var n = Vector512.Round(x * Log2E);
        var r = Vector512.FusedMultiplyAdd(n, Of(-Ln2Rest), Vector512.FusedMultiplyAdd(n, Of(-Ln2Coarse), x));
        var p = Of(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Of(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Of(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Of(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Of(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Of(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r + Vector512<float>.One);
        var exponent = Vector512.ConvertToInt32Native(n);
        var half = Vector512.ShiftRightArithmetic(exponent, 1);   // 2ⁿ itself may be out of range
        return p * PowerOfTwo(half) * PowerOfTwo(exponent - half);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>Room for so many numbers in whole vectors: loops over it need no rest.</summary>
    public static float[] Room(int numbers) => new float[(numbers + Count - 1) / Count * Count];

    /// <summary>Sixteen numbers from an index on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> From(this float[] room, int at) => Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(room), (nuint)at);

    /// <summary>Overwrites sixteen numbers from an index on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void To(this Vector512<float> values, float[] room, int at) => values.StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(room), (nuint)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Of(float number) => Vector512.Create(number);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<int> n) => Vector512.ShiftLeft(n + Vector512.Create(ExponentBias), FractionBits).AsSingle();
}

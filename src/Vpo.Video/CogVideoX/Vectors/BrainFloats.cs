using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vpo.Models.Decoding;

namespace Vpo.Video.CogVideoX;

/// <summary>Rows of bfloat16 numbers, 16 at a time, with float32 arithmetic.</summary>
internal static partial class BrainFloats
{
    /// <summary>Numbers of one vector.</summary>
    public const int Lanes = VectorLanes.Count;

    private const float Log2E = 1.44269504f, RoundingMagic = 12582912f, LeastExponent = -126;   // adding 1.5·2²³ leaves the nearest whole number in the low bits

    // 2^f for f in −½ .. ½ to 7.5e-5 of it, the best cubic; bfloat16's own rounding is 2e-3.
    private const float C0 = 0.99992807f, C1 = 0.69326099f, C2 = 0.24261112f, C3 = 0.05517167f;

    private const ushort MinusInfinity = 0xff80;

    /// <summary>Replaces a row by e^(x − max).</summary>
    /// <param name="row">Of any length.</param>
    /// <returns>The sum of what was written.</returns>
    public static float ExpOfDifferenceToMax(Span<ushort> row)
    {
        var whole = row.Length / Lanes * Lanes;
        Span<ushort> tail = stackalloc ushort[Lanes];
        tail.Fill(MinusInfinity);
        row[whole..].CopyTo(tail);
        var max = Load(tail, 0);
        for (var i = 0; i < whole; i += Lanes)
            max = Vector512.MaxNative(max, Load(row, i));
        var offset = Vector512.Create(-VectorLanes.Max(max) * Log2E);
        var sum = Exp(tail, 0, offset);
        for (var i = 0; i < whole; i += Lanes)
            sum += Exp(row, i, offset);
        tail[..(row.Length - whole)].CopyTo(row[whole..]);
        return Vector512.Sum(sum);
    }

    /// <summary>target = source · factor; lengths are multiples of 16.</summary>
    public static void Scale(ReadOnlySpan<ushort> source, Span<ushort> target, float factor)
    {
        for (var i = 0; i < source.Length; i += Lanes)
            _ = Store(target, i, Load(source, i) * factor);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp(Span<ushort> row, int at, Vector512<float> offset)
    {
        var power = Vector512.FusedMultiplyAdd(Load(row, at), Vector512.Create(Log2E), offset);
        return Store(row, at, PowerOfTwo(Vector512.MaxNative(power, Vector512.Create(LeastExponent))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<float> x)
    {
        var whole = x + Vector512.Create(RoundingMagic);
        var rest = x - (whole - Vector512.Create(RoundingMagic));
        var cubic = Vector512.FusedMultiplyAdd(Vector512.Create(C3), rest, Vector512.Create(C2));
        var power = Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(cubic, rest, Vector512.Create(C1)), rest, Vector512.Create(C0));
        return (power.AsUInt32() + (whole.AsUInt32() << 23)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(ReadOnlySpan<ushort> row, int at)
    {
        var half = Vector256.Create(row.Slice(at, Lanes));
        return (Vector512.WidenLower(half.ToVector512Unsafe()) << 16).AsSingle();
    }

    /// <summary>Rounds to nearest, half to even; returns what was stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Store(Span<ushort> row, int at, Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = bits + Vector512.Create(0x7fffu) + ((bits >> 16) & Vector512<uint>.One);
        var high = rounded >> 16;
        Vector512.Narrow(high, high).GetLower().CopyTo(row.Slice(at, Lanes));
        return (high << 16).AsSingle();
    }
}

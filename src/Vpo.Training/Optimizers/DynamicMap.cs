namespace Vpo.Training.Optimizers;

/// <summary>
/// The 256 levels of 8-bit dynamic quantization (Dettmers et al., arXiv 2110.02861, section 2.1): seven decades below 1, each with twice as many
/// levels as the one under it, so that numbers near the largest are told apart best and small ones are still not 0.
/// </summary>
/// <remarks>The levels are those of bitsandbytes' create_dynamic_map: middles of evenly cut decades, 0 and 1. The signed map ends at −0.993, not at −1.</remarks>
internal sealed class DynamicMap
{
    private const int Decades = 7, Levels = 256;

    private readonly float[] _levels, _middles;   // the middle above the last level is infinite
    private readonly byte[] _start = new byte[1 << 16];   // by sign, exponent and seven bits of the fraction: the lowest code of such numbers

    private DynamicMap(bool signed)
    {
        _levels = LevelsOf(signed);
        _middles = [.. _levels.Skip(1).Zip(_levels, (high, low) => (low + high) * 0.5f), float.PositiveInfinity];
        for (var upper = 0; upper < _start.Length; upper++)
            _start[upper] = Search(LeastOf(upper));
    }

    /// <summary>−0.993 to 1: for the first moment.</summary>
    public static DynamicMap Signed { get; } = new(signed: true);

    /// <summary>0 to 1: for the second moment.</summary>
    public static DynamicMap Unsigned { get; } = new(signed: false);

    /// <summary>By code, ascending.</summary>
    public ReadOnlySpan<float> Values => _levels;

    /// <summary>Halfway between neighbours, 255 of them: code i + 1 begins beyond the i-th.</summary>
    public ReadOnlySpan<float> Middles => _middles.AsSpan(..^1);

    /// <summary>The code of 0.</summary>
    public byte Zero => Nearest(0);

    /// <summary>The code of the level nearest to a number between −1 and 1; the lower of two that are equally near.</summary>
    /// <remarks>Numbers that share sign, exponent and seven bits of the fraction have one middle among them at most, so one comparison is enough, and no branch.</remarks>
    public byte Nearest(float x)
    {
        var code = (int)_start[BitConverter.SingleToUInt32Bits(x) >> 16];
        return (byte)(code + (x > _middles[code] ? 1 : 0));
    }

    private static float[] LevelsOf(bool signed)
    {
        var levels = new List<float> { 0, 1 };
        for (var decade = 0; decade < Decades; decade++)
        {
            var count = 1 << (signed ? decade : decade + 1);
            var size = Math.Pow(10, decade - Decades + 1);
            for (var i = 0; i < count; i++)
            {
                var level = (float)(size * (0.1 + 0.9 * (i + 0.5) / count));
                levels.Add(level);
                if (signed)
                    levels.Add(-level);
            }
        }
        levels.Sort();
        return levels.Count == Levels ? [.. levels] : throw new InvalidOperationException($"{levels.Count} levels instead of {Levels}.");
    }

    private byte Search(float x)
    {
        var code = 0;
        while (x > _middles[code])
            code++;
        return (byte)code;
    }

    // The least of the numbers that share their upper 16 bits; of negative ones that is the one with all lower bits set. NaN has the code 0.
    private static float LeastOf(int upper)
    {
        var bits = (uint)upper << 16;
        return BitConverter.UInt32BitsToSingle(upper >= 1 << 15 ? bits | 0xFFFF : bits);
    }
}

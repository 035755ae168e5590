using static System.Buffers.Binary.BinaryPrimitives;

namespace Vpo.Models.Gguf;

/// <summary>Unpacking of blocks of 256 values (the K types): sub-blocks of 16 or 32 with scales of their own.</summary>
internal static class SuperBlocks
{
    /// <summary>16 bytes of 4-bit scale and minimum, 64 bytes of 2-bit values, half d, half dmin.</summary>
    public static void Q2_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (d, min) = (Blocks.Half(block[80..]), Blocks.Half(block[82..]));
        for (var i = 0; i < 256; i++)
        {
            var scale = block[i / 16];
            var q = (block[16 + i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2)) & 3;
            values[i] = d * (scale & 15) * q - min * (scale >> 4);
        }
    }

    /// <summary>32 bytes of high bits, 64 bytes of 2-bit values, 12 bytes of 6-bit scales, half d.</summary>
    public static void Q3_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var d = Blocks.Half(block[108..]);
        var scales = block.Slice(96, 12);
        for (var i = 0; i < 256; i++)
        {
            var sub = i / 16;
            var low = sub < 8 ? scales[sub] & 15 : scales[sub - 8] >> 4;
            var scale = (low | ((scales[8 + sub % 4] >> (2 * (sub / 4))) & 3) << 4) - 32;
            var q = (block[32 + i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2)) & 3;
            var high = (block[i % 32] >> (i / 32)) & 1;
            values[i] = d * scale * (q - (high == 0 ? 4 : 0));
        }
    }

    /// <summary>Half d, half dmin, 12 bytes of 6-bit scales and minima, 128 bytes of nibbles.</summary>
    public static void Q4_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (d, min) = (Blocks.Half(block), Blocks.Half(block[2..]));
        for (var sub = 0; sub < 8; sub++)
        {
            var (scale, minimum) = SixBits(block.Slice(4, 12), sub);
            var (factor, offset) = (d * scale, min * minimum);
            for (var i = 0; i < 32; i++)
                values[32 * sub + i] = factor * ((block[16 + 32 * (sub / 2) + i] >> (4 * (sub & 1))) & 15) - offset;
        }
    }

    /// <summary>As Q4_K, with 32 bytes of fifth bits before the nibbles.</summary>
    public static void Q5_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var (d, min) = (Blocks.Half(block), Blocks.Half(block[2..]));
        for (var sub = 0; sub < 8; sub++)
        {
            var (scale, minimum) = SixBits(block.Slice(4, 12), sub);
            var (factor, offset) = (d * scale, min * minimum);
            for (var i = 0; i < 32; i++)
            {
                var q = (block[48 + 32 * (sub / 2) + i] >> (4 * (sub & 1))) & 15;
                values[32 * sub + i] = factor * (q | ((block[16 + i] >> sub) & 1) << 4) - offset;
            }
        }
    }

    /// <summary>128 bytes of low nibbles, 64 bytes of high pairs, 16 signed scales, half d.</summary>
    public static void Q6_K(ReadOnlySpan<byte> block, Span<float> values)
    {
        var d = Blocks.Half(block[208..]);
        for (var i = 0; i < 256; i++)
        {
            var (half, within) = (i / 128, i % 128);
            var low = (block[64 * half + within % 64] >> (within / 64 * 4)) & 15;
            var high = (block[128 + 32 * half + within % 32] >> (within / 32 * 2)) & 3;
            values[i] = d * (sbyte)block[192 + i / 16] * ((low | high << 4) - 32);
        }
    }

    /// <summary>Eight 6-bit scales and eight 6-bit minima in 12 bytes.</summary>
    private static (int Scale, int Minimum) SixBits(ReadOnlySpan<byte> packed, int sub) => sub < 4
        ? (packed[sub] & 63, packed[sub + 4] & 63)
        : ((packed[sub + 4] & 15) | (packed[sub - 4] >> 6) << 4, (packed[sub + 4] >> 4) | (packed[sub] >> 6) << 4);
}

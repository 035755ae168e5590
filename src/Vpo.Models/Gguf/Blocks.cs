using System.Buffers.Binary;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Vpo.Models.Gguf;

/// <summary>Unpacking of plain numbers and of blocks of 32 values.</summary>
internal static class Blocks
{
    public static float Half(ReadOnlySpan<byte> bytes) => (float)ReadHalfLittleEndian(bytes);

    public static void F32(ReadOnlySpan<byte> block, Span<float> values) => values[0] = ReadSingleLittleEndian(block);

    public static void F16(ReadOnlySpan<byte> block, Span<float> values) => values[0] = Half(block);

    public static void BF16(ReadOnlySpan<byte> block, Span<float> values) => values[0] = BitConverter.Int32BitsToSingle(ReadUInt16LittleEndian(block) << 16);

    public static void Q4_0(ReadOnlySpan<byte> block, Span<float> values) => Nibbles(block[2..], Half(block), -8 * Half(block), values);

    public static void Q4_1(ReadOnlySpan<byte> block, Span<float> values) => Nibbles(block[4..], Half(block), Half(block[2..]), values);

    public static void Q5_0(ReadOnlySpan<byte> block, Span<float> values) => FiveBits(block[2..], Half(block), -16 * Half(block), values);

    public static void Q5_1(ReadOnlySpan<byte> block, Span<float> values) => FiveBits(block[4..], Half(block), Half(block[2..]), values);

    public static void Q8_0(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = Half(block);
        for (var i = 0; i < 32; i++)
            values[i] = scale * (sbyte)block[2 + i];
    }

    private static void Nibbles(ReadOnlySpan<byte> packed, float scale, float offset, Span<float> values)
    {
        for (var i = 0; i < 16; i++)
        {
            values[i] = scale * (packed[i] & 15) + offset;
            values[i + 16] = scale * (packed[i] >> 4) + offset;
        }
    }

    private static void FiveBits(ReadOnlySpan<byte> packed, float scale, float offset, Span<float> values)
    {
        var high = ReadUInt32LittleEndian(packed);
        for (var i = 0; i < 16; i++)
        {
            values[i] = scale * ((packed[4 + i] & 15) | (int)((high >> i) & 1) << 4) + offset;
            values[i + 16] = scale * ((packed[4 + i] >> 4) | (int)((high >> (i + 16)) & 1) << 4) + offset;
        }
    }
}

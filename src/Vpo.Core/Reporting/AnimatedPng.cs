using System.Buffers.Binary;
using System.IO.Compression;

namespace Vpo.Reporting;

/// <summary>A clip as an animated PNG: every browser plays it, without a script and without loss.</summary>
/// <remarks>Portable Network Graphics, third edition: IHDR, acTL, then fcTL with IDAT or fdAT for each frame, IEND.</remarks>
public static class AnimatedPng
{
    private const byte TrueColor = 2, BitsPerSample = 8;
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcEntry)];

    /// <summary>Encodes all frames; the animation repeats for ever.</summary>
    public static byte[] Encode(VideoClip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        WriteChunk(png, "IHDR"u8, [.. Big(clip.Width), .. Big(clip.Height), BitsPerSample, TrueColor, 0, 0, 0]);
        WriteChunk(png, "acTL"u8, [.. Big(clip.FrameCount), .. Big(0)]);
        var sequence = 0;
        for (var i = 0; i < clip.FrameCount; i++)
        {
            WriteChunk(png, "fcTL"u8, FrameControl(clip, sequence++));
            var data = Compress(clip, i);
            if (i == 0)
                WriteChunk(png, "IDAT"u8, data);
            else
                WriteChunk(png, "fdAT"u8, [.. Big(sequence++), .. data]);
        }
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static byte[] FrameControl(VideoClip clip, int sequence)
    {
        var delay = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(delay, (ushort)Math.Clamp(Math.Round(1000 / clip.FramesPerSecond), 1, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16BigEndian(delay.AsSpan(2), 1000);
        return [.. Big(sequence), .. Big(clip.Width), .. Big(clip.Height), .. Big(0), .. Big(0), .. delay, 0, 0];
    }

    private static byte[] Compress(VideoClip clip, int index)
    {
        using var buffer = new MemoryStream();
        using (var zlib = new ZLibStream(buffer, CompressionLevel.SmallestSize))
        {
            var frame = clip.Frame(index).Span;
            var row = clip.Width * 3;
            for (var y = 0; y < clip.Height; y++)
            {
                zlib.WriteByte(0);   // no filter
                zlib.Write(frame.Slice(y * row, row));
            }
        }
        return buffer.ToArray();
    }

    private static void WriteChunk(Stream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        png.Write(Big(data.Length));
        png.Write(type);
        png.Write(data);
        png.Write(Big((int)~Crc(Crc(uint.MaxValue, type), data)));
    }

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var b in data)
            crc = CrcTable[(crc ^ b) & 0xff] ^ (crc >> 8);
        return crc;
    }

    private static uint CrcEntry(int n)
    {
        var c = (uint)n;
        for (var k = 0; k < 8; k++)
            c = (c & 1) != 0 ? 0xedb88320 ^ (c >> 1) : c >> 1;
        return c;
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Vpo.Reporting;

namespace Vpo.Tests.Reporting;

public sealed class AnimatedPngTests
{
    private static readonly Gen<VideoClip> Clips =
        from width in Gen.Int[1, 9]
        from height in Gen.Int[1, 7]
        from frames in Gen.Int[1, 5]
        from bytes in Gen.Byte.Array[width * height * 3 * frames]
        select new VideoClip(bytes, width, height, 8);

    [Fact]
    public void Encode_AnyClip_HoldsEveryFrameExactly() => Clips.Sample(clip =>
    {
        var (frames, checks) = Decode(AnimatedPng.Encode(clip));
        Assert.True(checks);
        Assert.Equal(clip.FrameCount, frames.Count);
        for (var i = 0; i < frames.Count; i++)
            Assert.True(clip.Frame(i).Span.SequenceEqual(frames[i]));
    });

    /// <summary>A reader of the chunks, apart from the writer: sizes, checksums, and the pixels of unfiltered rows.</summary>
    private static (List<byte[]> Frames, bool ChecksumsHold) Decode(byte[] png)
    {
        var (frames, sound, at, width) = (new List<byte[]>(), true, 8, 0);
        while (at < png.Length)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var type = Encoding.ASCII.GetString(png, at + 4, 4);
            var data = png.AsSpan(at + 8, length).ToArray();
            sound &= BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)) == Crc32(png.AsSpan(at + 4, length + 4));
            if (type == "IHDR")
                width = BinaryPrimitives.ReadInt32BigEndian(data);
            if (type is "IDAT" or "fdAT")
                frames.Add(Rows(type == "IDAT" ? data : data[4..], width * 3));
            at += length + 12;
        }
        return (frames, sound);
    }

    private static byte[] Rows(byte[] zlib, int row)
    {
        using var stream = new ZLibStream(new MemoryStream(zlib), CompressionMode.Decompress);
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return [.. all.ToArray().Chunk(row + 1).SelectMany(r => r.Skip(1))];
    }

    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var k = 0; k < 8; k++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
        }
        return ~crc;
    }
}

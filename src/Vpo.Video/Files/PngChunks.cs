using System.Buffers.Binary;
using System.Text;

namespace Vpo.Video.Files;

/// <summary>The chunks that a PNG file is made of.</summary>
internal static class PngChunks
{
    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    public static void Begin(Stream png) => png.Write(Signature);

    public static void Write(Stream png, string kind, ReadOnlySpan<byte> data)
    {
        var name = Encoding.ASCII.GetBytes(kind);
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(name);
        png.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, PngChecksum.Of(name, data));
        png.Write(number);
    }

    /// <summary>All chunks of a file, their checksums compared.</summary>
    /// <exception cref="InvalidDataException">It is no PNG file, cut off or damaged.</exception>
    public static IReadOnlyList<(string Kind, Range Data)> Read(ReadOnlySpan<byte> png, string path)
    {
        if (!png.StartsWith(Signature))
            throw new InvalidDataException($"'{path}' is not a PNG file.");
        var chunks = new List<(string, Range)>();
        for (var at = Signature.Length; at < png.Length;)
        {
            var length = at + 12 <= png.Length ? BinaryPrimitives.ReadUInt32BigEndian(png[at..]) : uint.MaxValue;
            if (length > png.Length - at - 12)
                throw new InvalidDataException($"'{path}' is cut off: the part at byte {at} is not complete.");
            var kind = png.Slice(at + 4, 4);
            var data = png.Slice(at + 8, (int)length);
            if (PngChecksum.Of(kind, data) != BinaryPrimitives.ReadUInt32BigEndian(png[(at + 8 + (int)length)..]))
                throw new InvalidDataException($"'{path}' is damaged: the checksum of the part at byte {at} differs.");
            chunks.Add((Encoding.ASCII.GetString(kind), (at + 8)..(at + 8 + (int)length)));
            at += (int)length + 12;
        }
        return chunks;
    }
}

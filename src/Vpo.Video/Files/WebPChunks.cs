using System.Buffers.Binary;
using System.Text;

namespace Vpo.Video.Files;

/// <summary>The chunks of a WebP file (RIFF).</summary>
internal static class WebPChunks
{
    private const int Header = 12;

    public static bool Begins(ReadOnlySpan<byte> start) => start.Length >= Header && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8);

    /// <summary>Chunks behind the file's header.</summary>
    public static IReadOnlyList<(string Kind, Range Data)> Read(ReadOnlySpan<byte> webp) => Read(webp, Header);

    /// <summary>Chunks from a place on; a chunk that is cut off ends the list.</summary>
    public static IReadOnlyList<(string Kind, Range Data)> Read(ReadOnlySpan<byte> webp, int at)
    {
        var chunks = new List<(string, Range)>();
        while (at + 8 <= webp.Length)
        {
            var size = BinaryPrimitives.ReadUInt32LittleEndian(webp[(at + 4)..]);
            if (size > webp.Length - at - 8)
                break;
            chunks.Add((Encoding.ASCII.GetString(webp.Slice(at, 4)), (at + 8)..(at + 8 + (int)size)));
            at += 8 + (int)size + ((int)size & 1);
        }
        return chunks;
    }
}

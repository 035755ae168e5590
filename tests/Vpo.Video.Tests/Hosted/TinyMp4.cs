using System.Buffers.Binary;
using System.Text;

namespace Vpo.Video.Tests.Hosted;

/// <summary>Files with the structure of an MP4 and a text instead of pictures: enough for all that does not decode.</summary>
internal static class TinyMp4
{
    public static byte[] Of(string content, int width = 64, int height = 48, int frames = 49, int rate = 8)
    {
        byte[] entry = [.. new byte[24], .. Short(width), .. Short(height), .. new byte[50]];
        var table = Box("stbl", [.. Box("stsd", [.. new byte[4], .. Int(1), .. Box("avc1", entry)]), .. Box("stsz", [.. new byte[8], .. Int(frames)])]);
        var media = Box("mdia",
            [.. Box("mdhd", [.. new byte[12], .. Int(rate * 100), .. Int(frames * 100), .. new byte[4]]), .. Box("hdlr", [.. new byte[8], .. "vide"u8, .. new byte[13]]), .. Box("minf", table)]);
        return [.. Box("ftyp", [.. "isom"u8, .. new byte[4]]), .. Box("moov", Box("trak", media)), .. Box("mdat", Encoding.UTF8.GetBytes(content))];
    }

    private static byte[] Box(string kind, byte[] body) => [.. Int(body.Length + 8), .. Encoding.ASCII.GetBytes(kind), .. body];

    private static byte[] Int(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Short(int value) => Int(value)[2..];
}

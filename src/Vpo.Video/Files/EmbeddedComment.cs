using System.Buffers.Binary;
using System.Text;

namespace Vpo.Video.Files;

/// <summary>Comments in formats for which ffmpeg writes none.</summary>
internal static class EmbeddedComment
{
    private const int GifHeader = 13, MaxSubBlock = 255, RiffHeader = 12, XmpFlag = 4;

    /// <summary>Adds a comment extension behind the header and global colours of a GIF.</summary>
    public static byte[] IntoGif(ReadOnlySpan<byte> gif, string comment)
    {
        var at = GifHeader + ((gif[10] & 0x80) == 0 ? 0 : 3 << ((gif[10] & 7) + 1));
        using var file = new MemoryStream();
        file.Write(gif[..at]);
        file.Write([0x21, 0xfe]);
        foreach (var block in Encoding.UTF8.GetBytes(comment).Chunk(MaxSubBlock))
            file.Write([(byte)block.Length, .. block]);
        file.WriteByte(0);
        file.Write(gif[at..]);
        return file.ToArray();
    }

    /// <summary>The comment that <see cref="IntoGif"/> added; null when there is none at that place.</summary>
    public static string? OfGif(ReadOnlySpan<byte> gif)
    {
        var at = gif.Length < GifHeader ? 0 : GifHeader + ((gif[10] & 0x80) == 0 ? 0 : 3 << ((gif[10] & 7) + 1));
        if (at == 0 || gif.Length < at + 3 || gif[at] != 0x21 || gif[at + 1] != 0xfe)
            return null;
        using var text = new MemoryStream();
        for (at += 2; at < gif.Length && gif[at] != 0; at += gif[at] + 1)
            text.Write(gif.Slice(at + 1, Math.Min(gif[at], gif.Length - at - 1)));
        return Encoding.UTF8.GetString(text.ToArray());
    }

    /// <summary>Adds a metadata chunk at the end of an animated WebP and says so in its header.</summary>
    public static byte[] IntoWebP(ReadOnlySpan<byte> webp, string comment)
    {
        if (!webp[RiffHeader..].StartsWith("VP8X"u8))
            return webp.ToArray();   // a still picture without the extended header, which alone can hold metadata
        var text = Encoding.UTF8.GetBytes(comment);
        var file = new byte[webp.Length + 8 + text.Length + (text.Length & 1)];
        webp.CopyTo(file);
        file[RiffHeader + 8] |= XmpFlag;
        var chunk = file.AsSpan(webp.Length);
        "XMP "u8.CopyTo(chunk);
        BinaryPrimitives.WriteInt32LittleEndian(chunk[4..], text.Length);
        text.CopyTo(chunk[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        return file;
    }

    /// <summary>The text of the metadata chunk; null when there is none.</summary>
    public static string? OfWebP(ReadOnlySpan<byte> webp)
    {
        foreach (var (kind, data) in WebPChunks.Read(webp))
        {
            if (kind == "XMP ")
                return Encoding.UTF8.GetString(webp[data]);
        }
        return null;
    }
}

using Vpo.Video.Files;

namespace Vpo.Video.Hosted;

/// <summary>Which kind of video a file is, and whether all of it is there, as far as its kind can tell.</summary>
internal static class ContainerKind
{
    public const string Mp4 = ".mp4";
    private const string WebM = ".webm", Gif = ".gif", WebP = ".webp";
    private const byte GifEnd = 0x3b;

    /// <summary>The extension; null for a file that is no video or is cut off.</summary>
    public static string? Of(string path)
    {
        var start = VideoFile.FirstBytes(path);
        try
        {
            if (Mp4File.Begins(start))
                return Mp4File.Open(path) is not null ? Mp4 : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
        if (start.AsSpan().StartsWith("GIF8"u8))
            return LastByte(path) == GifEnd ? Gif : null;
        if (WebPChunks.Begins(start))
            return new FileInfo(path).Length - 8 >= BitConverter.ToUInt32(start, 4) ? WebP : null;
        return start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1a, 0x45, 0xdf, 0xa3]) ? WebM : null;
    }

    private static int LastByte(string path)
    {
        using var file = File.OpenRead(path);
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte();
    }
}

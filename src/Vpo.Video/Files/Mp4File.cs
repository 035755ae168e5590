using System.Buffers.Binary;
using System.Text;

namespace Vpo.Video.Files;

/// <summary>What the boxes of an MP4 or MOV file say (ISO/IEC 14496-12), without a decoder: its size, its frames, and whether all of it is there.</summary>
/// <param name="Width">Pixels across of the first video track.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="FrameCount">Samples of the track; 0 for fragmented files, which do not say.</param>
/// <param name="FramesPerSecond">Samples by duration; 0 when the file does not say.</param>
/// <param name="Comment">The comment; null when there is none.</param>
internal sealed record Mp4File(int Width, int Height, int FrameCount, double FramesPerSecond, string? Comment)
{
    private const int VideoWidthAt = 24, HandlerAt = 8, DataAt = 8;

    /// <summary>Whether a file begins as MP4 files do.</summary>
    public static bool Begins(ReadOnlySpan<byte> start) => start.Length >= 8 && start[4..8].SequenceEqual("ftyp"u8);

    /// <exception cref="InvalidDataException">The file is cut off, or has no video.</exception>
    public static Mp4File Open(string path)
    {
        using var file = File.OpenRead(path);
        byte[]? movie = null;
        var hasData = false;
        for (long at = 0; at < file.Length;)
        {
            var (kind, size, header) = ReadHeader(file, at, path);
            hasData |= kind is "mdat" or "moof";
            if (kind == "moov")
                movie = ReadBody(file, at + header, size - header);
            at += size;
        }
        if (movie is null || !hasData)
            throw new InvalidDataException($"'{path}' is not a complete MP4 file: it lacks its {(movie is null ? "index (moov)" : "frames (mdat)")}.");
        return Parse(movie) ?? throw new InvalidDataException($"'{path}' is an MP4 file without a video track.");
    }

    private static (string Kind, long Size, int Header) ReadHeader(FileStream file, long at, string path)
    {
        Span<byte> head = stackalloc byte[16];
        file.Position = at;
        var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var (size, header) = read < 8 ? (0, 8) : ((long)BinaryPrimitives.ReadUInt32BigEndian(head), 8);
        if (size == 1 && read == 16)
            (size, header) = ((long)BinaryPrimitives.ReadUInt64BigEndian(head[8..]), 16);
        else if (size == 0 && read >= 8)
            size = file.Length - at;   // to the end of the file
        if (size < header || size > file.Length - at)
            throw new InvalidDataException($"'{path}' is cut off: at byte {at} a part of {size} bytes is announced, and {file.Length - at} are there.");
        return (Encoding.Latin1.GetString(head[4..8]), size, header);
    }

    private static byte[] ReadBody(FileStream file, long at, long size)
    {
        var body = new byte[size];
        file.Position = at;
        file.ReadExactly(body);
        return body;
    }

    private static Mp4File? Parse(ReadOnlySpan<byte> movie)
    {
        var comment = CommentOf(movie);
        foreach (var range in Children(movie, "trak"))
        {
            var media = Child(movie[range], "mdia");
            var handler = Child(media, "hdlr");
            if (handler.Length <= HandlerAt || !handler[HandlerAt..].StartsWith("vide"u8))
                continue;
            var table = Child(Child(media, "minf"), "stbl");
            var sample = Child(table, "stsd");
            var sizes = Child(table, "stsz");
            if (sample.Length < 16 + VideoWidthAt + 4 + 4)
                continue;
            var entry = sample[16..];   // version and flags, count, then size and kind of the first entry
            var count = sizes.Length >= 12 ? (int)BinaryPrimitives.ReadUInt32BigEndian(sizes[8..]) : 0;
            return new(BinaryPrimitives.ReadUInt16BigEndian(entry[VideoWidthAt..]), BinaryPrimitives.ReadUInt16BigEndian(entry[(VideoWidthAt + 2)..]), count, RateOf(Child(media, "mdhd"), count), comment);
        }
        return null;
    }

    private static double RateOf(ReadOnlySpan<byte> header, int count)
    {
        if (header.Length < 20)
            return 0;
        var isLong = header[0] == 1;
        if (isLong && header.Length < 32)
            return 0;
        var scale = BinaryPrimitives.ReadUInt32BigEndian(header[(isLong ? 20 : 12)..]);
        var duration = isLong ? BinaryPrimitives.ReadUInt64BigEndian(header[24..]) : BinaryPrimitives.ReadUInt32BigEndian(header[16..]);
        return duration == 0 ? 0 : (double)count * scale / duration;
    }

    /// <summary>udta / meta / ilst / ©cmt / data.</summary>
    private static string? CommentOf(ReadOnlySpan<byte> movie)
    {
        var meta = Child(Child(movie, "udta"), "meta");
        var data = meta.Length <= 4 ? default : Child(Child(Child(meta[4..], "ilst"), "\u00a9cmt"), "data");
        return data.Length > DataAt ? Encoding.UTF8.GetString(data[DataAt..]) : null;
    }

    private static ReadOnlySpan<byte> Child(ReadOnlySpan<byte> box, string kind) => Children(box, kind) is [var first, ..] ? box[first] : default;

    private static List<Range> Children(ReadOnlySpan<byte> box, string kind)
    {
        var found = new List<Range>();
        for (var at = 0; at + 8 <= box.Length;)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(box[at..]);
            if (size < 8 || size > box.Length - at)
                break;
            if (Encoding.Latin1.GetString(box.Slice(at + 4, 4)) == kind)
                found.Add((at + 8)..(at + (int)size));
            at += (int)size;
        }
        return found;
    }
}

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Vpo.Video.Files;

/// <summary>One picture of 8-bit RGB as a PNG file (third edition), without loss.</summary>
internal sealed record PngPicture(ReadOnlyMemory<byte> Pixels, int Width, int Height, string? Comment)
{
    private const int Channels = 3;
    private const byte Deep = 8, Grey = 0, TrueColour = 2, TrueColourWithAlpha = 6;
    private const string Keyword = "Comment";

    public byte[] Encode()
    {
        using var png = new MemoryStream();
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9]) = (Deep, TrueColour);
        PngChunks.Begin(png);
        PngChunks.Write(png, "IHDR", header);
        if (Comment is not null)
            PngChunks.Write(png, "iTXt", [.. Encoding.Latin1.GetBytes(Keyword), 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(Comment)]);
        using var body = new MemoryStream();
        using (var packed = new ZLibStream(body, CompressionLevel.Optimal, leaveOpen: true))
            WriteRows(packed);
        PngChunks.Write(png, "IDAT", body.ToArray());
        PngChunks.Write(png, "IEND", []);
        return png.ToArray();
    }

    /// <summary>Each row less the one above it, which packs pictures better than rows as they are.</summary>
    private void WriteRows(Stream packed)
    {
        var size = Width * Channels;
        var row = new byte[size + 1];
        row[0] = (byte)PngFilter.Up;
        for (var y = 0; y < Height; y++)
        {
            var now = Pixels.Span.Slice(y * size, size);
            for (var i = 0; i < size; i++)
                row[i + 1] = (byte)(now[i] - (y == 0 ? 0 : Pixels.Span[(y - 1) * size + i]));
            packed.Write(row);
        }
    }

    /// <summary>Reads grey, RGB and RGBA of 8 bits (the alpha channel is left out).</summary>
    /// <exception cref="InvalidDataException">It is no PNG file, damaged, or of another kind.</exception>
    public static PngPicture Decode(ReadOnlySpan<byte> png, string path)
    {
        var chunks = PngChunks.Read(png, path);
        if (chunks is not [("IHDR", var first), ..] || png[first].Length != 13)
            throw new InvalidDataException($"'{path}' is not a PNG file: it does not begin with a header.");
        var header = png[first];
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header[4..]));
        var channels = header[9] switch { Grey => 1, TrueColour => 3, TrueColourWithAlpha => 4, _ => 0 };
        if (width <= 0 || height <= 0 || channels == 0 || header[8] != Deep || header[12] != 0)
            throw new InvalidDataException($"'{path}': expected a PNG of 8-bit grey, RGB or RGBA without interlacing, found bit depth {header[8]}, colour type {header[9]}, interlacing {header[12]}. Save it again as RGB.");
        using var body = new MemoryStream();
        foreach (var (_, data) in chunks.Where(chunk => chunk.Kind == "IDAT"))
            body.Write(png[data]);
        body.Position = 0;
        var rows = new byte[(width * channels + 1) * height];
        try
        {
            using var packed = new ZLibStream(body, CompressionMode.Decompress);
            packed.ReadExactly(rows);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidDataException($"'{path}' is damaged: its pixels can't be unpacked.", e);
        }
        return new(ToRgb(PngFilters.Undo(rows, width * channels, channels, path), channels), width, height, CommentOf(png, chunks));
    }

    private static byte[] ToRgb(byte[] pixels, int channels)
    {
        if (channels == Channels)
            return pixels;
        var rgb = new byte[pixels.Length / channels * Channels];
        for (var i = 0; i < rgb.Length; i++)
            rgb[i] = pixels[i / Channels * channels + (channels == 1 ? 0 : i % Channels)];
        return rgb;
    }

    private static string? CommentOf(ReadOnlySpan<byte> png, IReadOnlyList<(string Kind, Range Data)> chunks)
    {
        ReadOnlySpan<byte> start = [.. Encoding.Latin1.GetBytes(Keyword), 0, 0, 0, 0, 0];
        foreach (var (kind, data) in chunks)
        {
            if (kind == "iTXt" && png[data].StartsWith(start))
                return Encoding.UTF8.GetString(png[data][start.Length..]);
        }
        return null;
    }
}

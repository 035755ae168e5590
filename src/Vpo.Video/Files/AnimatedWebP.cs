namespace Vpo.Video.Files;

/// <summary>Reads WebP animations, which ffmpeg reads only from version 8 on: each frame is cut out as a still picture, which it does read, and laid on the canvas.</summary>
internal static class AnimatedWebP
{
    private const int CanvasAt = 4, FrameHeader = 16, Channels = 3;
    private const double Milliseconds = 1000;

    private sealed record Piece(int Left, int Top, int Width, int Height, int Duration, bool Blends, bool Clears, Range Data);

    public static VideoClip Open(string path)
    {
        var file = File.ReadAllBytes(path);
        if (!WebPChunks.Begins(file))
            throw new InvalidDataException($"'{path}' is not a WebP file.");
        var chunks = WebPChunks.Read(file);
        if (file.Length - 8 < BitConverter.ToUInt32(file, 4))
            throw new InvalidDataException($"'{path}' is cut off: {BitConverter.ToUInt32(file, 4) + 8} bytes are announced, {file.Length} are there.");
        Piece[] pieces = [.. chunks.Where(chunk => chunk.Kind == "ANMF").Select(chunk => ReadPiece(file, chunk.Data))];
        if (pieces.Length == 0)
            throw new InvalidDataException($"'{path}' is a WebP file without an animation.");
        var header = file.AsSpan(chunks.First(chunk => chunk.Kind == "VP8X").Data);
        var (width, height) = (ReadSize(header[CanvasAt..]), ReadSize(header[(CanvasAt + 3)..]));
        var rate = pieces.Length * Milliseconds / Math.Max(1, pieces.Sum(piece => piece.Duration));
        var clip = new VideoClip(() => Load(file, pieces, width, height), pieces.Length, width, height, rate) { File = path };
        return ClipDescription.Parse(EmbeddedComment.OfWebP(file)).On(clip);
    }

    private static Piece ReadPiece(byte[] file, Range data)
    {
        var frame = file.AsSpan(data);
        var (start, length) = data.GetOffsetAndLength(file.Length);
        int Three(int at, Span<byte> from) => from[at] | from[at + 1] << 8 | from[at + 2] << 16;
        return new(Three(0, frame) * 2, Three(3, frame) * 2, ReadSize(frame[6..]), ReadSize(frame[9..]), Three(12, frame),
            (frame[15] & 2) == 0, (frame[15] & 1) != 0, (start + FrameHeader)..(start + length));
    }

    private static byte[] Load(byte[] file, Piece[] pieces, int width, int height)
    {
        var frames = new byte[(long)pieces.Length * width * height * Channels];
        var canvas = new byte[width * height * Channels];
        for (var i = 0; i < pieces.Length; i++)
        {
            Draw(canvas, width, pieces[i], Decode(file, pieces[i]));
            canvas.CopyTo(frames.AsSpan(i * canvas.Length));
            if (pieces[i].Clears)
                Array.Clear(canvas);
        }
        return frames;
    }

    private static byte[] Decode(byte[] file, Piece piece)
    {
        var data = file.AsSpan(piece.Data);
        var hasAlpha = data.StartsWith("ALPH"u8);
        byte[] extended = hasAlpha
            ? [.. "VP8X"u8, 10, 0, 0, 0, 0x10, 0, 0, 0, .. WriteSize(piece.Width), .. WriteSize(piece.Height)]
            : [];
        byte[] still = [.. "RIFF"u8, .. BitConverter.GetBytes(4 + extended.Length + data.Length), .. "WEBP"u8, .. extended, .. data];
        return Ffmpeg.Read(["-f", "webp_pipe", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "rgba", "pipe:1"], still);
    }

    private static void Draw(byte[] canvas, int width, Piece piece, byte[] rgba)
    {
        if (rgba.Length != piece.Width * piece.Height * 4)
            throw new InvalidDataException($"expected a WebP frame of {piece.Width}x{piece.Height}, found {rgba.Length / 4} pixels.");
        for (var i = 0; i < piece.Width * piece.Height; i++)
        {
            var at = ((piece.Top + i / piece.Width) * width + piece.Left + i % piece.Width) * Channels;
            var alpha = piece.Blends ? rgba[i * 4 + 3] : byte.MaxValue;
            for (var c = 0; c < Channels; c++)
                canvas[at + c] = (byte)((rgba[i * 4 + c] * alpha + canvas[at + c] * (byte.MaxValue - alpha) + byte.MaxValue / 2) / byte.MaxValue);
        }
    }

    private static int ReadSize(Span<byte> at) => 1 + (at[0] | at[1] << 8 | at[2] << 16);

    private static byte[] WriteSize(int size) => [(byte)(size - 1), (byte)((size - 1) >> 8), (byte)((size - 1) >> 16)];
}

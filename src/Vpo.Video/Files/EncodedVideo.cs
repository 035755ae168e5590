using System.Globalization;
using System.Text.Json;

namespace Vpo.Video.Files;

/// <summary>Files that ffmpeg writes and reads: MP4 (H.264), GIF, animated WebP; other containers are read too.</summary>
internal static class EncodedVideo
{
    private static readonly string[] FrameFormat = ["-f", "rawvideo", "-pix_fmt", "rgb24"];

    public static async Task SaveAsync(VideoClip clip, string path, VideoFileOptions options, CancellationToken cancellationToken)
    {
        using var partial = new PartialFile(path);
        var comment = ClipDescription.Of(clip, options) is { IsEmpty: false } about ? about.ToJson() : null;
        var kind = Path.GetExtension(path).ToUpperInvariant();
        string[] output = kind switch
        {
            ".GIF" => ["-filter_complex", "split[a][b];[a]palettegen[p];[b][p]paletteuse", "-loop", "0", "-f", "gif"],
            ".WEBP" => ["-c:v", "libwebp_anim", "-pix_fmt", options.WebPQuality is null ? "bgra" : "yuv420p", "-lossless", options.WebPQuality is null ? "1" : "0", "-quality", Text(options.WebPQuality ?? 75), "-loop", "0", "-f", "webp"],
            _ => Mp4(clip, options, comment),
        };
        string[] input = [.. FrameFormat, "-s", Text($"{clip.Width}x{clip.Height}"), "-r", Text(options.FramesPerSecond ?? clip.FramesPerSecond), "-i", "pipe:0"];
        await Ffmpeg.WriteAsync([.. input, .. output, "-y", partial.Path], Enumerable.Range(0, clip.FrameCount).Select(clip.Frame), cancellationToken).ConfigureAwait(false);
        if (comment is not null && kind is ".GIF" or ".WEBP")
        {
            var file = await File.ReadAllBytesAsync(partial.Path, cancellationToken).ConfigureAwait(false);
            await File.WriteAllBytesAsync(partial.Path, kind == ".GIF" ? EmbeddedComment.IntoGif(file, comment!) : EmbeddedComment.IntoWebP(file, comment!), cancellationToken).ConfigureAwait(false);
        }
        partial.Commit();
    }

    /// <summary>H.264 with colours every player takes, its index at the front, nothing in it that differs between two runs.</summary>
    private static string[] Mp4(VideoClip clip, VideoFileOptions options, string? comment)
    {
        string[] rate = options.BitRate is { } bits ? ["-b:v", Text(bits)] : ["-crf", Text(options.RateFactor)];
        string[] about = comment is null ? [] : ["-metadata", "comment=" + comment];
        return ["-c:v", "libx264", .. rate, "-pix_fmt", "yuv420p", .. SizeFilter(clip, options), .. about, "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", "-f", "mp4"];
    }

    private static string[] SizeFilter(VideoClip clip, VideoFileOptions options)
    {
        int Up(int size) => (size + options.MacroBlockSize - 1) / options.MacroBlockSize * options.MacroBlockSize;
        var (width, height) = (Up(clip.Width), Up(clip.Height));
        var scale = (width, height) == (clip.Width, clip.Height) ? "" : Text($"scale={width}:{height},");
        var (right, bottom) = (width & 1, height & 1);
        var pad = right + bottom == 0 ? "" : Text($"pad={width + right}:{height + bottom},fillborders=right={right}:bottom={bottom}:mode=smear,");
        return scale + pad is { Length: > 0 } filters ? ["-vf", filters.TrimEnd(',')] : [];
    }

    public static VideoClip Open(string path)
    {
        var (width, height, count, rate, comment) = Describe(path);
        string[] every = Mp4File.Begins(VideoFile.FirstBytes(path)) ? ["-ignore_editlist", "1"] : [];   // all frames that the index counts, those an edit list hides too
        var clip = new VideoClip(() => Ffmpeg.Read([.. every, "-noautorotate", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", .. FrameFormat, "pipe:1"]), count, width, height, rate) { File = path };
        return ClipDescription.Parse(comment).On(clip);
    }

    private static (int Width, int Height, int Count, double Rate, string? Comment) Describe(string path)
    {
        var start = VideoFile.FirstBytes(path);
        if (Mp4File.Begins(start) && Mp4File.Open(path) is { FrameCount: > 0, FramesPerSecond: > 0 } mp4)
            return (mp4.Width, mp4.Height, mp4.FrameCount, mp4.FramesPerSecond, mp4.Comment);
        var (width, height, count, rate) = Probe(path);
        return (width, height, count, rate, start.StartsWith("GIF8"u8) ? EmbeddedComment.OfGif(File.ReadAllBytes(path)) : null);
    }

    private static (int Width, int Height, int Count, double Rate) Probe(string path)
    {
        var answer = Ffmpeg.Probe(["-select_streams", "v:0", "-count_packets", "-show_entries", "stream=width,height,nb_read_packets,avg_frame_rate", "-of", "json", path]);
        using var json = JsonDocument.Parse(answer);
        if (!json.RootElement.TryGetProperty("streams", out var streams) || streams.GetArrayLength() == 0)
            throw new InvalidDataException($"'{path}' holds no video.");
        var stream = streams[0];
        var rate = stream.GetProperty("avg_frame_rate").GetString()!.Split('/').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return (stream.GetProperty("width").GetInt32(), stream.GetProperty("height").GetInt32(),
            int.Parse(stream.GetProperty("nb_read_packets").GetString()!, CultureInfo.InvariantCulture), rate[1] == 0 ? 1 : rate[0] / rate[1]);
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}

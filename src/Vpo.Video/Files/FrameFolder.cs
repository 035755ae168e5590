using System.Globalization;
using System.Text.Json;
using Vpo.Storage;

namespace Vpo.Video.Files;

/// <summary>A folder of PNG pictures, one a frame, with clip.json: lossless, and needs no program.</summary>
internal static class FrameFolder
{
    private const string Index = "clip.json";

    public static Task SaveAsync(VideoClip clip, string path, VideoFileOptions options, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var partial = new PartialFile(path);
        Directory.CreateDirectory(partial.Path);
        var comment = ClipDescription.Of(clip, options) is { IsEmpty: false } about ? about.ToJson() : null;
        for (var i = 0; i < clip.FrameCount; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var picture = new PngPicture(clip.Frame(i), clip.Width, clip.Height, i == 0 ? comment : null);
            File.WriteAllBytes(Path.Combine(partial.Path, i.ToString("000000", CultureInfo.InvariantCulture) + ".png"), picture.Encode());
        }
        AtomicFile.WriteText(Path.Combine(partial.Path, Index), RawClipJson.Write(clip, options));
        partial.CommitFolder();
    }, cancellationToken);

    /// <summary>Pictures in the order of their names; the size is the first one's. Folders of other programs have no clip.json and get the given rate.</summary>
    public static VideoClip Open(string path, double framesPerSecond)
    {
        string[] files = [.. Directory.EnumerateFiles(path, "*.png").Order(StringComparer.Ordinal)];
        if (files.Length == 0)
            throw new InvalidDataException($"the folder '{path}' holds no PNG pictures.");
        var first = PngPicture.Decode(File.ReadAllBytes(files[0]), files[0]);
        var index = Path.Combine(path, Index);
        var about = File.Exists(index) ? RawClipJson.Read(index) : null;
        var clip = new VideoClip(() => Load(files, first.Width, first.Height), files.Length, first.Width, first.Height, about?.FramesPerSecond ?? framesPerSecond) { File = path };
        return ClipDescription.Parse(first.Comment).On(clip);
    }

    /// <summary>One picture as a clip of one frame.</summary>
    public static VideoClip OpenPicture(string path)
    {
        var picture = PngPicture.Decode(File.ReadAllBytes(path), path);
        return ClipDescription.Parse(picture.Comment).On(new VideoClip(picture.Pixels, picture.Width, picture.Height, 1) { File = path });
    }

    private static byte[] Load(string[] files, int width, int height)
    {
        var frames = new byte[(long)files.Length * width * height * 3];
        for (var i = 0; i < files.Length; i++)
        {
            var picture = PngPicture.Decode(File.ReadAllBytes(files[i]), files[i]);
            if ((picture.Width, picture.Height) != (width, height))
                throw new InvalidDataException($"'{files[i]}' is {picture.Width}x{picture.Height}, the first picture of its folder is {width}x{height}: all must have one size.");
            picture.Pixels.Span.CopyTo(frames.AsSpan(i * picture.Pixels.Length));
        }
        return frames;
    }
}

namespace Vpo.Video.Files;

/// <summary>Clips in files. The name decides the format.</summary>
/// <remarks>
/// .mp4 (H.264), .gif and .webp (animated) need the program ffmpeg; .rgb (raw frames with a .json beside them) and folders of PNG pictures need nothing.
/// Files are complete or absent, also when a write is cancelled or fails.
/// </remarks>
public static class VideoFile
{
    private const double UsualRate = 8;
    private static readonly string[] Readable = [".MP4", ".M4V", ".MOV", ".WEBM", ".MKV", ".AVI", ".GIF"], Writable = [".MP4", ".GIF", ".WEBP"];

    /// <summary>Writes a clip, over an earlier file of that name; prompt, seed and model go into the file.</summary>
    /// <param name="clip">What to write.</param>
    /// <param name="path">name.mp4, name.gif, name.webp, name.rgb, name.png for a clip of one frame, or a name without extension for a folder of pictures.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="cancellationToken">Stops the writing and kills ffmpeg; nothing is left.</param>
    /// <exception cref="ArgumentException">The extension is not one of these.</exception>
    /// <exception cref="IOException">ffmpeg is not installed or failed; the message holds its reason.</exception>
    public static Task SaveAsync(VideoClip clip, string path, VideoFileOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var chosen = (options ?? new()).Checked();
        var kind = Path.GetExtension(Path.TrimEndingDirectorySeparator(path)).ToUpperInvariant();
        return kind switch
        {
            "" => FrameFolder.SaveAsync(clip, path, chosen, cancellationToken),
            ".RGB" => RawFrames.SaveAsync(clip, path, chosen, cancellationToken),
            ".PNG" => SavePictureAsync(clip, path, chosen, cancellationToken),
            _ when Writable.Contains(kind) => EncodedVideo.SaveAsync(clip, path, chosen, cancellationToken),
            _ => throw Unknown(path, kind),
        };
    }

    /// <summary>Refuses a name that <see cref="SaveAsync"/> would refuse, before a clip is made: the format is not known, or ffmpeg is needed and absent.</summary>
    /// <param name="path">As for <see cref="SaveAsync"/>.</param>
    /// <exception cref="ArgumentException">The extension is not one of these.</exception>
    /// <exception cref="IOException">ffmpeg is not installed; the message says how to install it.</exception>
    public static void CheckWritable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var kind = Path.GetExtension(path).ToUpperInvariant();
        if (Writable.Contains(kind))
            _ = Ffmpeg.Find("ffmpeg");
        else if (kind is not ("" or ".RGB" or ".PNG"))
            throw Unknown(path, kind);
    }

    /// <summary>Opens a clip: size, length and origin are read now, the frames when they are first asked for.</summary>
    /// <param name="path">A file as <see cref="SaveAsync"/> writes it, another container that ffmpeg reads (.webm, .mov, .mkv, .avi), a picture (.png), or a folder of .png files.</param>
    /// <exception cref="InvalidDataException">The file is cut off, damaged or of another kind.</exception>
    /// <exception cref="IOException">It does not exist, or ffmpeg is needed and is not installed.</exception>
    public static VideoClip Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            return FrameFolder.Open(path, UsualRate);
        if (!File.Exists(path))
            throw new FileNotFoundException($"the video '{path}' does not exist.", path);
        var kind = Path.GetExtension(path).ToUpperInvariant();
        return kind switch
        {
            ".RGB" => RawFrames.Open(path),
            ".PNG" => FrameFolder.OpenPicture(path),
            ".WEBP" => AnimatedWebP.Open(path),
            _ when Readable.Contains(kind) => EncodedVideo.Open(path),
            _ => throw new InvalidDataException($"'{path}': expected a video (.mp4, .m4v, .mov, .webm, .mkv, .avi, .gif, .webp), raw frames (.rgb), a picture (.png) or a folder, found {kind}."),
        };
    }

    /// <summary>The first bytes of a file, which tell its kind.</summary>
    internal static byte[] FirstBytes(string path)
    {
        using var file = File.OpenRead(path);
        var start = new byte[16];
        return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    private static ArgumentException Unknown(string path, string kind) =>
        new($"'{path}': expected a name that ends in .mp4, .gif, .webp, .rgb or .png, or has no extension (a folder of pictures), found {kind}", nameof(path));

    private static Task SavePictureAsync(VideoClip clip, string path, VideoFileOptions options, CancellationToken cancellationToken)
    {
        if (clip.FrameCount != 1)
            throw new ArgumentException($"'{path}': expected a clip of one frame for a picture, found {clip.FrameCount}; give a name without extension for a folder of pictures", nameof(clip));
        var comment = ClipDescription.Of(clip, options) is { IsEmpty: false } about ? about.ToJson() : null;
        return Task.Run(() => Vpo.Storage.AtomicFile.Write(path, stream => stream.Write(new PngPicture(clip.Frames, clip.Width, clip.Height, comment).Encode())), cancellationToken);
    }
}

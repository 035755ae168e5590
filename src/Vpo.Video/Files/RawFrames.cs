using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Storage;

namespace Vpo.Video.Files;

/// <summary>Raw frames: name.rgb holds the bytes of all frames, name.rgb.json their size, rate and origin.</summary>
internal static class RawFrames
{
    public static Task SaveAsync(VideoClip clip, string path, VideoFileOptions options, CancellationToken cancellationToken) => Task.Run(() =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        AtomicFile.Write(path, stream => stream.Write(clip.Frames.Span));
        AtomicFile.WriteText(path + ".json", RawClipJson.Write(clip, options));
    }, cancellationToken);

    public static VideoClip Open(string path)
    {
        var about = RawClipJson.Read(path + ".json");
        var clip = new VideoClip(() => File.ReadAllBytes(path), about.FrameCount, about.Width, about.Height, about.FramesPerSecond) { File = path };
        return new ClipDescription(about.Prompt, about.Seed, about.Model).On(clip);
    }
}

/// <summary>The file beside raw frames and pictures.</summary>
internal sealed record RawClip(int Width, int Height, int FrameCount, double FramesPerSecond, string? Prompt, long? Seed, string? Model);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(RawClip))]
internal sealed partial class RawClipJson : JsonSerializerContext
{
    public static string Write(VideoClip clip, VideoFileOptions options)
    {
        var about = ClipDescription.Of(clip, options);
        return JsonSerializer.Serialize(new(clip.Width, clip.Height, clip.FrameCount, options.FramesPerSecond ?? clip.FramesPerSecond, about.Prompt, about.Seed, about.Model), Default.RawClip);
    }

    /// <exception cref="InvalidDataException">The file is absent or says something else.</exception>
    public static RawClip Read(string path)
    {
        try
        {
            var about = File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), Default.RawClip) : null;
            return about is { Width: > 0, Height: > 0, FrameCount: > 0, FramesPerSecond: > 0 }
                ? about
                : throw new InvalidDataException($"'{path}': expected a file with width, height, frame_count and frames_per_second above 0.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not valid JSON: {e.Message}", e);
        }
    }
}

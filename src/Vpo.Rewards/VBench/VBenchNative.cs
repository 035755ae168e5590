using System.Text.Json;
using Vpo.Rewards.Clip;
using Vpo.Statistics;
using Vpo.Storage;

namespace Vpo.Rewards.VBench;

/// <summary>A dimension computed here.</summary>
/// <param name="Dimension">With underscores.</param>
/// <param name="Value">VBench's aggregate.</param>
/// <param name="Clips">Each clip's value by its file.</param>
public sealed record VBenchMeasurement(string Dimension, double Value, IReadOnlyList<(string File, double Value)> Clips)
{
    /// <summary>Clips without a value, which are in no mean.</summary>
    public int Unread { get; init; }

    /// <summary>The mean over clips with an interval from resampling prompts; n counts prompts. Differs from <see cref="Value"/> where VBench averages frames of clips of different lengths.</summary>
    public Estimate Interval(BootstrapOptions? resampling = null) =>
        Bootstrap.Mean([.. Clips.GroupBy(c => VBenchFiles.PromptOf(c.File), StringComparer.Ordinal).Select(g => g.Average(c => c.Value))], resampling);

    /// <summary>Writes the file that VBench writes, "name_eval_results.json", so that its own scripts can read it: { dimension: [aggregate, [{ video_path, video_results }]] }.</summary>
    public static void Write(string path, IEnumerable<VBenchMeasurement> measurements) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new() { Indented = true });
        json.WriteStartObject();
        foreach (var measurement in measurements)
        {
            json.WriteStartArray(measurement.Dimension);
            json.WriteNumberValue(measurement.Value);
            json.WriteStartArray();
            foreach (var (file, value) in measurement.Clips)
            {
                json.WriteStartObject();
                json.WriteString("video_path", file);
                json.WriteNumber("video_results", value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndArray();
        }
        json.WriteEndObject();
    });
}

/// <summary>The dimensions of VBench that are computed here, from clips that VBench's naming finds (<see cref="VBenchFiles.Standard"/>).</summary>
public static class VBenchNative
{
    /// <summary>Names of the two dimensions.</summary>
    public const string AppearanceStyle = "appearance_style", TemporalFlickering = "temporal_flickering";

    /// <summary>Mean over all frames of CLIP's fit with the style's phrase; the published figures use ViT-B/32.</summary>
    /// <param name="clips">Prompts with the names of their clips; prompts without a style are passed over.</param>
    /// <param name="read">Reads a clip by its name.</param>
    /// <param name="clip">CLIP.</param>
    public static VBenchMeasurement Style(IEnumerable<VBenchClips> clips, Func<string, VideoClip> read, ClipScore clip)
    {
        var values = new List<(string File, IReadOnlyList<double> Frames)>();
        foreach (var entry in clips)
        {
            if (StyleOf(entry.Prompt) is { } style)
                values.AddRange(entry.Files.Select(f => (f, clip.Frames(style, read(f)))));
        }
        return new(AppearanceStyle, Mean(values.SelectMany(v => v.Frames), AppearanceStyle), [.. values.Select(v => (v.File, v.Frames.Average()))]);
    }

    /// <summary>Mean over clips of <see cref="VBench.TemporalFlickering.Of"/>, without VBench's filter for still clips.</summary>
    /// <param name="clips">Prompts with the names of their clips.</param>
    /// <param name="read">Reads a clip by its name.</param>
    public static VBenchMeasurement Flickering(IEnumerable<VBenchClips> clips, Func<string, VideoClip> read)
    {
        List<(string File, double Value)> values = [.. clips.Where(c => c.Prompt.Dimensions.Contains(TemporalFlickering)).SelectMany(c => c.Files).Select(f => (f, VBench.TemporalFlickering.Of(read(f))))];
        return new(TemporalFlickering, Mean(values.Select(v => v.Value), TemporalFlickering), values);
    }

    /// <summary>The phrase that appearance style compares with; null for prompts without one.</summary>
    public static string? StyleOf(VBenchPrompt prompt) => prompt.Auxiliary.TryGetValue(AppearanceStyle, out var auxiliary)
        ? auxiliary.ValueKind == JsonValueKind.Object ? auxiliary.GetProperty(AppearanceStyle).GetString() : auxiliary.GetString()
        : null;

    private static double Mean(IEnumerable<double> values, string dimension) => values.DefaultIfEmpty(double.NaN).Average() is var mean && double.IsFinite(mean)
        ? mean
        : throw new ArgumentException($"{dimension}: no clip gives a number");
}

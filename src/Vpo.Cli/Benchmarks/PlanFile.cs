using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Storage;

namespace Vpo.Cli.Benchmarks;

/// <summary>A clip of a benchmark to be made.</summary>
/// <param name="Id">Hash of the rest.</param>
/// <param name="Query">The original prompt: what is judged.</param>
/// <param name="Prompt">What the video model gets.</param>
/// <param name="Seed">The video model's seed.</param>
/// <param name="File">Where the clip goes, relative to the folder of clips; a clip of another format keeps its own ending.</param>
internal sealed record PlannedClip(string Id, string Query, string Prompt, long Seed, string File) : IRecord
{
    public static PlannedClip Of(string query, string prompt, long seed, string file) =>
        new(ContentId.Of("plan", query, prompt, seed.ToString(System.Globalization.CultureInfo.InvariantCulture), file), query, prompt, seed, file);
}

/// <summary>Plans in JSON Lines: for <c>vpo generate --plan</c>, or for a program of one's own that gives each prompt and seed to a video model and names the clip as the plan says.</summary>
internal static class PlanFile
{
    /// <summary>Endings of clips in files.</summary>
    public static IReadOnlyList<string> Formats { get; } = [".mp4", ".webm", ".mov", ".mkv", ".avi", ".m4v", ".gif", ".webp", ".rgb"];

    public static void Write(string path, IEnumerable<PlannedClip> plan)
    {
        var lines = plan.Select(clip => JsonSerializer.Serialize(clip, Lines.PlannedClip) + "\n");
        AtomicFile.WriteText(path, string.Concat(lines));
    }

    /// <exception cref="InvalidDataException">The file has no clips, or two go to one file.</exception>
    public static IReadOnlyList<PlannedClip> Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"the plan '{path}' does not exist: 'vpo vbench plan' or 'vpo monetbench plan' writes one.", path);
        var plan = JsonlFile.Read(path, Lines.PlannedClip);
        if (plan.Count == 0)
            throw new InvalidDataException($"'{path}' holds no clips.");
        if (plan.FirstOrDefault(clip => clip is not { Query: not null, Prompt: not null, File: not null }) is not null)
            throw new InvalidDataException($"'{path}': expected lines of {{ id, query, prompt, seed, file }}, as 'vpo vbench plan' writes them.");
        return plan.GroupBy(clip => clip.File, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { } twice
            ? throw new InvalidDataException($"'{path}': two clips go to the file '{twice.Key}'.")
            : plan;
    }

    /// <summary>The clip's file in a folder, whatever its format; null while it is not there.</summary>
    public static string? Find(string folder, string file) => Formats.Append(null).Select(format => Path.Combine(folder, Path.ChangeExtension(file, format))).FirstOrDefault(Path.Exists);

    private static readonly PlanJson Lines = new(new JsonSerializerOptions(PlanJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PlannedClip))]
internal sealed partial class PlanJson : JsonSerializerContext;

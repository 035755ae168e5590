using System.Text.Json;

namespace Vpo.Rewards.VBench;

/// <summary>A dimension in VBench's own result files.</summary>
/// <param name="Value">Its aggregate.</param>
/// <param name="Clips">What the file says of each clip, by its path; empty where it says nothing that is a number.</param>
public sealed record VBenchResult(double Value, IReadOnlyList<(string File, double Value)> Clips)
{
    private const double SameShare = 0.005, NotCounted = -1;

    /// <summary>The mean of the clips of each prompt, on the scale of <see cref="Value"/>; empty where clips do not add up to it, so that there is no interval either.</summary>
    /// <remarks>Some versions keep imaging quality from 0 to 100 beside an aggregate from 0 to 1; VBench-2.0 marks clips that count in no mean with −1. Dimensions that average frames agree where clips have one length.</remarks>
    public IReadOnlyDictionary<string, double> ByPrompt()
    {
        var counted = Clips.Where(c => c.Value != NotCounted).ToList();
        if (counted.Count == 0)
            return new Dictionary<string, double>();
        var mean = counted.Average(c => c.Value);
        var scale = IsSame(mean) ? 1.0 : IsSame(mean / 100) ? 0.01 : 0;
        return scale == 0 ? new Dictionary<string, double>()
            : counted.GroupBy(c => VBenchFiles.PromptOf(c.File), StringComparer.Ordinal).ToDictionary(g => g.Key, g => scale * g.Average(c => c.Value), StringComparer.Ordinal);
    }

    private bool IsSame(double mean) => Math.Abs(mean - Value) <= SameShare * Math.Abs(Value) + 1e-9;
}

/// <summary>Reads the result files that VBench itself writes.</summary>
public static class VBenchResults
{
    /// <summary>Raw values of all JSON files under a folder; hidden entries, entries beginning with "__" and files that hold no object are passed over, as VBench does.</summary>
    /// <param name="folder">The folder, searched with its subfolders.</param>
    /// <returns>Values by dimension name; "_" in names becomes a space.</returns>
    /// <exception cref="InvalidDataException">A file is not JSON, a value is not [number, ...], or two files say different things about a dimension.</exception>
    public static IReadOnlyDictionary<string, double> Read(string folder) => ReadAll(folder).ToDictionary(r => r.Key, r => r.Value.Value, StringComparer.Ordinal);

    /// <summary>The same with what the files say of each clip.</summary>
    /// <param name="path">The folder, or one file.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Read"/>.</exception>
    public static IReadOnlyDictionary<string, VBenchResult> ReadAll(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var raw = new Dictionary<string, VBenchResult>(StringComparer.Ordinal);
        foreach (var file in File.Exists(path) ? new[] { path } : [.. Files(path).Order(StringComparer.Ordinal)])
            ReadFile(file, raw);
        return raw;
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFileSystemEntries(folder)
        .Where(e => Path.GetFileName(e) is var name && name[0] != '.' && !name.StartsWith("__", StringComparison.Ordinal))
        .SelectMany(e => Directory.Exists(e) ? Files(e) : Path.GetExtension(e) == ".json" ? [e] : []);

    private static void ReadFile(string path, Dictionary<string, VBenchResult> raw)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return;
            foreach (var dimension in json.RootElement.EnumerateObject())
            {
                var name = dimension.Name.Replace('_', ' ');
                var result = new VBenchResult(dimension.Value[0].GetDouble(), ClipsOf(dimension.Value));
                if (!raw.TryAdd(name, result) && raw[name].Value != result.Value)
                    throw new InvalidDataException($"'{path}': {name} is {result.Value} here and {raw[name].Value} in another file: keep one run in a folder");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"'{path}': expected {{ dimension: [value, ...] }} as VBench writes it: {e.Message}", e);
        }
    }

    // [aggregate, [{ "video_path": ..., "video_results": number or truth }]]; anything else gives no clips.
    private static List<(string, double)> ClipsOf(JsonElement dimension)
    {
        var clips = new List<(string, double)>();
        if (dimension.GetArrayLength() < 2 || dimension[1].ValueKind != JsonValueKind.Array)
            return clips;
        foreach (var clip in dimension[1].EnumerateArray())
        {
            if (clip.ValueKind != JsonValueKind.Object || !clip.TryGetProperty("video_path", out var file) || file.ValueKind != JsonValueKind.String
                || !clip.TryGetProperty("video_results", out var value) || NumberOf(value) is not { } number)
                return [];
            clips.Add((file.GetString()!, number));
        }
        return clips;
    }

    private static double? NumberOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => null,
    };
}

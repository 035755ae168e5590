using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vpo.Rewards.VBench;

/// <summary>A prompt of VBench's list.</summary>
/// <param name="Prompt">The original prompt: files keep its name even if the clip was made from an optimized one.</param>
/// <param name="Dimensions">What it is for, with underscores.</param>
/// <param name="Auxiliary">What a dimension must find, by dimension, such as { "color": "red" }.</param>
public sealed record VBenchPrompt(string Prompt, IReadOnlyList<string> Dimensions, IReadOnlyDictionary<string, JsonElement> Auxiliary);

/// <summary>A prompt with the files of its clips.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Files">File names, in order; empty if none is there.</param>
public sealed record VBenchClips(VBenchPrompt Prompt, IReadOnlyList<string> Files);

/// <summary>VBench's prompt list and file naming, "prompt-index.mp4" (Vchitect/VBench 45e79ec, build_full_info_json).</summary>
public static partial class VBenchFiles
{
    /// <summary>Clips a prompt, made with different seeds.</summary>
    public const int ClipsPerPrompt = 5;

    /// <summary>Reads VBench_full_info.json, or VBench-2.0's.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <exception cref="InvalidDataException">It is not a list of { prompt_en, dimension }.</exception>
    public static IReadOnlyList<VBenchPrompt> ReadPrompts(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Select(Read)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"expected a list of {{ prompt_en, dimension, auxiliary_info }}: {e.Message}", e);
        }
    }

    /// <summary>The file name of one clip.</summary>
    /// <param name="prompt">The original prompt.</param>
    /// <param name="index">From 0 to 4.</param>
    /// <param name="suffix">Between the prompt and the index, such as "-0" of the temporal flickering filter.</param>
    /// <param name="extension">With the dot.</param>
    public static string NameOf(string prompt, int index, string suffix = "", string extension = ".mp4") => $"{prompt}{suffix}-{index}{extension}";

    /// <summary>Which files belong to which prompt, as VBench's standard mode finds them: exact names, indices 0 to 4, the extension of the first file for all.</summary>
    /// <param name="prompts">The list.</param>
    /// <param name="files">Names in the order of the folder's listing.</param>
    /// <param name="dimensions">Only prompts of these.</param>
    /// <param name="suffix">See <see cref="NameOf"/>.</param>
    /// <returns>One entry a prompt; files that are not there are left out, look at the counts.</returns>
    public static IReadOnlyList<VBenchClips> Standard(IEnumerable<VBenchPrompt> prompts, IReadOnlyList<string> files, IReadOnlyCollection<string> dimensions, string suffix = "")
    {
        var extension = files.Count > 0 ? SplitExtension(files[0]).Extension : ".mp4";
        var there = files.ToHashSet(StringComparer.Ordinal);
        return [.. prompts.Where(p => p.Dimensions.Any(dimensions.Contains)).Select(p => new VBenchClips(p,
            [.. Enumerable.Range(0, ClipsPerPrompt).Select(i => NameOf(p.Prompt, i, suffix, extension)).Where(there.Contains)]))];
    }

    /// <summary>One entry an .mp4 or .gif file with the prompt from its name: VBench's custom mode.</summary>
    /// <param name="files">Names in the order of the folder's listing.</param>
    /// <param name="dimensions">What each is for.</param>
    public static IReadOnlyList<VBenchClips> Custom(IEnumerable<string> files, IReadOnlyList<string> dimensions) =>
        [.. files.Where(f => SplitExtension(f).Extension is ".mp4" or ".gif")
            .Select(f => new VBenchClips(new(PromptOf(f), dimensions, new Dictionary<string, JsonElement>()), [f]))];

    /// <summary>The prompt in a file name: without folder, extension and a last "-digits".</summary>
    public static string PromptOf(string path) => LastNumber().Replace(SplitExtension(path[(path.LastIndexOf('/') + 1)..]).Stem, "");

    // Python's pathlib: a dot at the beginning or the end starts no extension.
    private static (string Stem, string Extension) SplitExtension(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot > 0 && dot < name.Length - 1 ? (name[..dot], name[dot..]) : (name, "");
    }

    private static VBenchPrompt Read(JsonElement entry) => new(
        entry.GetProperty("prompt_en").GetString()!,
        [.. entry.GetProperty("dimension").EnumerateArray().Select(d => d.GetString()!)],
        entry.TryGetProperty("auxiliary_info", out var auxiliary) ? Auxiliary(auxiliary, entry.GetProperty("dimension")) : new Dictionary<string, JsonElement>());

    // VBench keys it by dimension; VBench-2.0 gives a text, a list or an object for the entry's only dimension.
    private static Dictionary<string, JsonElement> Auxiliary(JsonElement auxiliary, JsonElement dimensions)
    {
        string[] names = [.. dimensions.EnumerateArray().Select(d => d.GetString()!)];
        return auxiliary.ValueKind is JsonValueKind.Null ? []
            : auxiliary.ValueKind == JsonValueKind.Object && auxiliary.EnumerateObject().All(a => names.Contains(a.Name))
            ? auxiliary.EnumerateObject().ToDictionary(a => a.Name, a => a.Value.Clone(), StringComparer.Ordinal)
            : names.ToDictionary(n => n, _ => auxiliary.Clone(), StringComparer.Ordinal);
    }

    [GeneratedRegex(@"-\d+$")]
    private static partial Regex LastNumber();
}

using System.Text.Json;
using System.Text.RegularExpressions;
using Vpo.Models.Checkpoints;

namespace Vpo.Video.CogVideoX;

/// <summary>What each layer's product is multiplied by, from wherever a file says it: peft's configuration in the header, alphas among the tensors, or nothing.</summary>
/// <param name="Alpha">Of layers that <paramref name="Patterns"/> does not name.</param>
/// <param name="Patterns">Ends of layers' names (regular expressions, as peft takes them) with alphas of their own.</param>
/// <param name="RankStabilized">alpha / √rank instead of alpha / rank.</param>
internal sealed record LoraScales(double Alpha, IReadOnlyList<(string Pattern, double Alpha)> Patterns, bool RankStabilized)
{
    /// <summary>The header's key for the configuration, a JSON text with keys such as "transformer.lora_alpha".</summary>
    public const string MetadataKey = "lora_adapter_metadata";

    // Settings that change the arithmetic and are not supported: present and neither null, false nor empty, they are refused by name.
    private static readonly string[] Refused =
        ["fan_in_fan_out", "layer_replication", "lora_bias", "use_qalora", "use_bdlora", "target_parameters", "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "modules_to_save"];

    /// <param name="file">The file.</param>
    /// <exception cref="CheckpointException">The configuration can't be read, or asks for what is not supported.</exception>
    public static LoraScales Of(LoraFile file)
    {
        if (file.Metadata.TryGetValue(MetadataKey, out var text))
            return Parse(file, text);
        // As diffusers: without any alpha it is the rank of the first layer, which where all ranks are equal means a scale of 1.
        return new(file.RankOf(file.Paths[0]), [.. file.Alphas.Select(a => (Regex.Escape(a.Key), a.Value))], false);
    }

    /// <summary>The factor of a layer.</summary>
    public double Of(string path, int rank)
    {
        var alpha = Alpha;
        foreach (var (pattern, value) in Patterns)
        {
            if (Regex.IsMatch(path, $@"^(.*\.)?({pattern})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
            {
                alpha = value;
                break;
            }
        }
        return alpha / (RankStabilized ? Math.Sqrt(rank) : rank);
    }

    private static LoraScales Parse(LoraFile file, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var settings = document.RootElement.EnumerateObject().Where(p => p.Name.StartsWith(LoraFile.Prefix, StringComparison.Ordinal))
                .ToDictionary(p => p.Name[LoraFile.Prefix.Length..], p => p.Value, StringComparer.Ordinal);
            Check(file, settings);
            var patterns = settings.TryGetValue("alpha_pattern", out var table) && table.ValueKind == JsonValueKind.Object
                ? table.EnumerateObject().Select(p => (p.Name, p.Value.GetDouble())).ToList() : [];
            return new(settings["lora_alpha"].GetDouble(), patterns, IsOn(settings, "use_rslora"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new CheckpointException($"'{file.Location}': {MetadataKey} in its header is no adapter configuration: {e.Message}", e);
        }
    }

    private static void Check(LoraFile file, Dictionary<string, JsonElement> settings)
    {
        if (settings.TryGetValue("bias", out var bias) && bias.GetString() is not (null or "none"))
            throw new CheckpointException($"'{file.Location}': bias '{bias}' is not supported; fuse the adapter with diffusers first.");
        var found = Refused.FirstOrDefault(key => settings.TryGetValue(key, out var value) && !IsEmpty(value));
        if (found is not null)
            throw new CheckpointException($"'{file.Location}': the setting {found} is not supported; fuse the adapter with diffusers first.");
    }

    private static bool IsOn(Dictionary<string, JsonElement> settings, string key) => settings.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.True;

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };
}

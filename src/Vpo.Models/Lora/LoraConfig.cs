using System.Text.Json;
using Vpo.Models.Checkpoints;
using Vpo.Storage;

namespace Vpo.Models.Lora;

/// <summary>The numbers of a LoRA adapter (arXiv 2106.09685), read from and written to peft's adapter_config.json.</summary>
public sealed record LoraConfig
{
    /// <summary>The file's name in an adapter's folder.</summary>
    public const string FileName = "adapter_config.json";

    // Settings that change the arithmetic and are not supported: present and neither null, false nor empty, they are refused by name.
    private static readonly string[] Refused =
        ["alpha_pattern", "rank_pattern", "fan_in_fan_out", "layer_replication", "lora_bias", "use_qalora", "use_bdlora", "target_parameters", "trainable_token_indices", "alora_invocation_tokens", "arrow_config"];

    /// <summary>Width of the low-rank product, r; at least 1.</summary>
    public required int Rank { get; init; }

    /// <summary>The product is scaled by alpha/r, with <see cref="RankStabilized"/> by alpha/√r.</summary>
    public required double Alpha { get; init; }

    /// <summary>Last parts of the names of the linear layers that a new adapter changes, such as q_proj.</summary>
    public IReadOnlyList<string> Targets { get; init; } = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>Last parts of the names of layers that are trained and kept whole, such as lm_head.</summary>
    public IReadOnlyList<string> SavedModules { get; init; } = [];

    /// <summary>rsLoRA (arXiv 2312.03732).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>DoRA (arXiv 2402.09353): the direction of each row is adapted, its length is a parameter of its own.</summary>
    public bool Decomposed { get; init; }

    /// <summary>What B·A is multiplied by.</summary>
    public double Scale => Alpha / (RankStabilized ? Math.Sqrt(Rank) : Rank);

    /// <summary>Reads an adapter's folder.</summary>
    /// <exception cref="CheckpointException">The file is missing or damaged, or asks for something that is not supported; the message names it.</exception>
    public static LoraConfig Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new CheckpointException($"'{folder}' is no LoRA adapter: expected {FileName}.");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Parse(document.RootElement, path);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new CheckpointException($"'{path}' is no adapter configuration: {e.Message}", e);
        }
    }

    /// <summary>Writes the file as peft reads it.</summary>
    public void Save(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
    {
        using var json = new Utf8JsonWriter(stream, new() { Indented = true });
        json.WriteStartObject();
        json.WriteString("peft_type", "LORA");
        json.WriteString("task_type", "CAUSAL_LM");
        json.WriteNull("base_model_name_or_path");
        json.WriteNumber("r", Rank);
        json.WriteNumber("lora_alpha", Alpha);
        json.WriteNumber("lora_dropout", 0);
        json.WriteString("bias", "none");
        json.WriteBoolean("use_rslora", RankStabilized);
        json.WriteBoolean("use_dora", Decomposed);
        json.WriteBoolean("inference_mode", true);
        WriteNames(json, "target_modules", Targets);
        WriteNames(json, "modules_to_save", SavedModules);
        json.WriteEndObject();
    });

    private static LoraConfig Parse(JsonElement json, string path)
    {
        if (Required(json, "peft_type").GetString() != "LORA")
            throw new CheckpointException($"'{path}': only adapters of the type LORA are supported, this one is {Required(json, "peft_type")}.");
        if (json.TryGetProperty("bias", out var bias) && bias.GetString() is not (null or "none"))
            throw new CheckpointException($"'{path}': bias '{bias}' is not supported; merge the adapter with peft first.");
        if (Refused.FirstOrDefault(key => json.TryGetProperty(key, out var value) && !IsEmpty(value)) is { } found)
            throw new CheckpointException($"'{path}': the setting {found} is not supported; merge the adapter with peft first.");
        return new()
        {
            Rank = Required(json, "r").GetInt32() is > 0 and var rank ? rank : throw new FormatException("r must be at least 1"),
            Alpha = Required(json, "lora_alpha").GetDouble() is var alpha && double.IsFinite(alpha) ? alpha : throw new FormatException("lora_alpha must be a finite number"),
            Targets = Names(json, "target_modules"),
            SavedModules = Names(json, "modules_to_save"),
            RankStabilized = json.TryGetProperty("use_rslora", out var rs) && rs.ValueKind == JsonValueKind.True,
            Decomposed = json.TryGetProperty("use_dora", out var dora) && dora.ValueKind == JsonValueKind.True,
        };
    }

    private static JsonElement Required(JsonElement json, string key) =>
        json.TryGetProperty(key, out var value) ? value : throw new FormatException($"expected the key {key}");

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };

    private static IReadOnlyList<string> Names(JsonElement json, string key) => json.TryGetProperty(key, out var value) ? value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray().Select(name => name.GetString()!)],
        JsonValueKind.String => [value.GetString()!],
        _ => [],
    } : [];

    private static void WriteNames(Utf8JsonWriter json, string key, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            json.WriteNull(key);
            return;
        }
        json.WriteStartArray(key);
        foreach (var name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }
}

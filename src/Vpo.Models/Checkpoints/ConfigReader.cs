using System.Text.Json;

namespace Vpo.Models.Checkpoints;

/// <summary>Typed reading of a model's JSON settings: a value that is missing, of the wrong kind or out of range gives an error that names file and key.</summary>
/// <remarks>JSON null counts as absent, as in Python's reading of the same files.</remarks>
public sealed class ConfigReader
{
    private readonly JsonElement _object;

    private ConfigReader(JsonElement json, string location) => (_object, Location) = (json, location);

    /// <summary>File, and section within it, for messages.</summary>
    public string Location { get; }

    /// <summary>Reads a file that holds one JSON object.</summary>
    /// <exception cref="CheckpointException">There is no such file, or it is not a JSON object.</exception>
    public static ConfigReader Open(string path)
    {
        if (!File.Exists(path))
            throw new CheckpointException($"'{path}' does not exist; a model's folder must hold it.");
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads JSON in memory.</summary>
    public static ConfigReader Parse(ReadOnlyMemory<byte> json, string location)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            EnsureReadable(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new(document.RootElement.Clone(), location)
                : throw new CheckpointException($"'{location}' must hold a JSON object, it holds {document.RootElement.ValueKind}.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CheckpointException($"'{location}' is not valid JSON: {e.Message} {BrokenDownload.Advice(location)}", e);
        }
    }

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>A whole number within limits; required unless there is a fallback.</summary>
    public long Integer(string key, long? fallback = null, long min = 1, long max = 1 << 24)
    {
        if (Find(key) is not { } value)
            return fallback ?? throw Missing(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max
            ? number
            : throw Wrong(key, value, $"a whole number from {min} to {max}");
    }

    /// <summary>A number that is zero or greater; required unless there is a fallback.</summary>
    public double Number(string key, double? fallback = null)
    {
        if (Find(key) is not { } value)
            return fallback ?? throw Missing(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= 0 && double.IsFinite(number)
            ? number
            : throw Wrong(key, value, "a number that is not negative");
    }

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool fallback) => Find(key) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Wrong(key, other, "true or false"),
    };

    /// <summary>A text, or null when absent.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw Wrong(key, other, "a text"),
    };

    /// <summary>Ids written as one number or a list of numbers; empty when absent. −1 means none, as in old files.</summary>
    public IReadOnlyList<int> Ids(string key)
    {
        if (Find(key) is not { } value)
            return [];
        return IdsOf(key, value);
    }

    /// <summary>A list of lists of ids; empty when absent.</summary>
    public IReadOnlyList<IReadOnlyList<int>> IdLists(string key)
    {
        if (Find(key) is not { } value)
            return [];
        const string Expected = "a list of lists of ids";
        if (value.ValueKind != JsonValueKind.Array)
            throw Wrong(key, value, Expected);
        return [.. value.EnumerateArray().Select(list => list.ValueKind == JsonValueKind.Array ? IdsOf(key, list) : throw Wrong(key, value, Expected))];
    }

    /// <summary>An object inside, or null when absent.</summary>
    public ConfigReader? Section(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } inner => new(inner, $"{Location}#{key}"),
        { } other => throw Wrong(key, other, "an object"),
    };

    /// <summary>A list of objects, or null when the value is no list.</summary>
    public IReadOnlyList<ConfigReader>? Sections(string key) => Find(key) is not { ValueKind: JsonValueKind.Array } list ? null
        : [.. list.EnumerateArray().Select((item, i) => item.ValueKind == JsonValueKind.Object ? new ConfigReader(item, $"{Location}#{key}[{i}]") : throw Wrong(key, list, "a list of objects"))];

    private int[] IdsOf(string key, JsonElement value)
    {
        var items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value };
        return [.. items.Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= -1 ? id : throw Wrong(key, value, "an id or a list of ids")).Where(id => id >= 0)];
    }

    private JsonElement? Find(string key) => _object.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>JSON checks a text only when it is read: bytes that are not UTF-8, or half a surrogate pair, must not come out later as another error.</summary>
    private static void EnsureReadable(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String: _ = json.GetString(); break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                    EnsureReadable(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in json.EnumerateObject())
                {
                    _ = property.Name;
                    EnsureReadable(property.Value);
                }
                break;
            default: break;
        }
    }

    private CheckpointException Missing(string key) => new($"'{Location}' lacks '{key}'.");

    private CheckpointException Wrong(string key, JsonElement found, string expected)
    {
        var text = found.GetRawText();
        return new($"'{Location}': '{key}' must be {expected}, found {(text.Length > 60 ? text[..60] + "..." : text)}.");
    }
}

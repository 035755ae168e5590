using System.Globalization;
using System.Text.Json;

namespace Vpo.Video.Hosted;

/// <summary>Reads answers that may lack anything.</summary>
internal static class JsonAnswer
{
    /// <summary>A text, or a number as text; null when absent or empty.</summary>
    public static string? Text(this JsonElement json, string name) => json.Inside(name) switch
    {
        { ValueKind: JsonValueKind.String } value => value.GetString() is { Length: > 0 } text ? text : null,
        { ValueKind: JsonValueKind.Number } value => value.GetRawText(),
        _ => null,
    };

    /// <summary>A number, or a text that is one.</summary>
    public static double? Number(this JsonElement json, string name) =>
        double.TryParse(json.Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A value inside an object; null when it is absent or null, or this is no object.</summary>
    public static JsonElement? Inside(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The items of a list inside an object; none when it is absent.</summary>
    public static IReadOnlyList<JsonElement> List(this JsonElement json, string name) =>
        json.Inside(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    /// <summary>A message: a text, or an object with message, msg or detail.</summary>
    public static string? Message(this JsonElement json, string name) => json.Text(name)
        ?? json.Inside(name)?.Text("message") ?? json.Inside(name)?.Text("msg") ?? json.Inside(name)?.Text("detail") ?? json.Inside(name)?.GetRawText();
}

using System.Text.Json;

namespace Vpo.Queries;

/// <summary>Reads users' queries from the files that people keep them in.</summary>
public static class QueryFile
{
    private static readonly string[] Fields = ["query", "prompt", "text", "prompt_en"];

    /// <summary>Reads a JSON array (.json) or JSON Lines (.jsonl) of strings or of objects with query, prompt, text or prompt_en (VBench's lists), or one query a line (any other name).</summary>
    /// <returns>Trimmed queries in file order, without empty ones; equal ones are kept once.</returns>
    /// <exception cref="InvalidDataException">The file is not of its kind; the message names the file, the place and the cause.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static IReadOnlyList<Query> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var texts = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => ReadArray(path),
            ".JSONL" => ReadLines(path),
            _ => File.ReadLines(path),
        };
        return [.. texts.Select(text => text.Trim()).Where(text => text.Length > 0).Distinct(StringComparer.Ordinal).Select(text => new Query(text))];
    }

    private static List<string> ReadArray(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                throw new InvalidDataException($"'{path}': expected a JSON array of strings, found {Found(document.RootElement)}.");
            return [.. document.RootElement.EnumerateArray().Select((element, index) => TextOf(element, path, $"element {index}"))];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not valid JSON: {e.Message}", e);
        }
    }

    private static IEnumerable<string> ReadLines(string path)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                yield return ParseLine(line, path, number);
        }
    }

    private static string ParseLine(string line, string path, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return TextOf(document.RootElement, path, $"line {number}");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}', line {number} is not valid JSON: {e.Message}", e);
        }
    }

    private static string TextOf(JsonElement element, string path, string place)
    {
        if (element.ValueKind == JsonValueKind.String)
            return element.GetString()!;
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in Fields)
            {
                if (element.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String)
                    return value.GetString()!;
            }
        }
        throw new InvalidDataException($"'{path}', {place}: expected a string or an object with {string.Join(", ", Fields)}, found {Found(element)}.");
    }

    private static string Found(JsonElement element)
    {
        var text = element.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "...";
    }
}

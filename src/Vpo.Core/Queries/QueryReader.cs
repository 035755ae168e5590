using System.Runtime.CompilerServices;
using System.Text.Json;
using Vpo.Curation;

namespace Vpo.Queries;

/// <summary>Reads rows one after another, without holding the file: JSON arrays, JSON Lines, CSV, TSV, text. Parquet is read by Vpo.Data.</summary>
public static class QueryReader
{
    private const int Shown = 60;
    private static readonly string[] TextFields = ["prompt", "query", "text"];

    /// <summary>Reads a file by its ending: .json holds an array, .jsonl (or .ndjson) a value a line, both of strings or of objects with prompt, query or text; .csv and .tsv have a header with one of these and perhaps VidProM's other columns; anything else has one query a line.</summary>
    /// <remarks>Empty lines are passed over. A bad element or line is a damaged row; where JSON itself breaks off in an array, the rest of the file is one damaged row.</remarks>
    /// <exception cref="InvalidDataException">A header names no column of queries.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static IAsyncEnumerable<SourceRow> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => ArrayAsync(path, cancellationToken),
            ".JSONL" or ".NDJSON" => LinesAsync(path, OfLine, cancellationToken),
            ".CSV" => CsvQueries.ReadAsync(path, ',', cancellationToken),
            ".TSV" => CsvQueries.ReadAsync(path, '\t', cancellationToken),
            _ => LinesAsync(path, (place, line) => SourceRow.Good(place, new(line)), cancellationToken),
        };
    }

    private static async IAsyncEnumerable<SourceRow> LinesAsync(string path, Func<string, string, SourceRow> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0;
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken).ConfigureAwait(false))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                yield return read($"{Path.GetFileName(path)}:{number}", line);
        }
    }

    private static SourceRow OfLine(string place, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return OfElement(place, document.RootElement);
        }
        catch (JsonException e)
        {
            return SourceRow.Damaged(place, $"not valid JSON: {e.Message}");
        }
    }

    private static async IAsyncEnumerable<SourceRow> ArrayAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stream = File.OpenRead(path);
        await using var elements = JsonSerializer.DeserializeAsyncEnumerable(stream, ElementJson.Default.JsonElement, cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (var number = 0; ; number++)
        {
            SourceRow row;
            var place = $"{Path.GetFileName(path)}[{number}]";
            try
            {
                if (!await elements.MoveNextAsync().ConfigureAwait(false))
                    yield break;
                row = OfElement(place, elements.Current);
            }
            catch (JsonException e)
            {
                row = SourceRow.Damaged(place, $"expected a JSON array; it breaks off here, and nothing behind it was read: {e.Message}");
            }
            yield return row;
            if (row.Damage is { } damage && damage.StartsWith("expected a JSON array", StringComparison.Ordinal))
                yield break;
        }
    }

    /// <summary>A string, or an object with VidProM's names.</summary>
    private static SourceRow OfElement(string place, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
            return SourceRow.Good(place, new(element.GetString()!));
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in TextFields)
            {
                if (Text(element, field) is { } text)
                    return SourceRow.Good(place, new(text) { SourceId = Text(element, "uuid") ?? Text(element, "id"), Time = Text(element, "time"), Labels = Labels(element) });
            }
        }
        var found = element.GetRawText();
        return SourceRow.Damaged(place, $"expected a string or an object with {string.Join(", ", TextFields)}, found {(found.Length <= Shown ? found : found[..Shown] + "...")}");
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static HarmLabels? Labels(JsonElement element)
    {
        var values = new double[HarmLabels.Columns.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (!element.TryGetProperty(HarmLabels.Columns[i], out var value) || value.ValueKind != JsonValueKind.Number)
                return null;
            values[i] = value.GetDouble();
        }
        return HarmLabels.Of(values);
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
internal sealed partial class ElementJson : System.Text.Json.Serialization.JsonSerializerContext;

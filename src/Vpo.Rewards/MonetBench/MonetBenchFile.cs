using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Vpo.Rewards.MonetBench;

/// <summary>A prompt of MonetBench.</summary>
/// <param name="Text">What is to be shown: the query that prompts are optimized from.</param>
/// <param name="Labels">The other columns that hold text, such as the classes of content and challenge.</param>
public sealed record MonetPrompt(string Text, IReadOnlyDictionary<string, string> Labels);

/// <summary>Reads MonetBench's prompts: the published Parquet file (THUDM/VisionRewardDB-Video, Apache-2.0), or JSON Lines of one's own.</summary>
public static class MonetBenchFile
{
    private static readonly string[] TextColumns = ["prompt", "text", "query", "caption", "video_prompt", "prompt_en"];

    /// <summary>Reads a .parquet, .jsonl or .json (array of objects or strings) file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="column">The column that holds the prompt; null looks for prompt, text, query, caption, video_prompt or prompt_en.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Prompts in file order; equal ones once.</returns>
    /// <exception cref="InvalidDataException">There is no such column, a row has no text, or the file is of another kind; the message lists the columns.</exception>
    public static async Task<IReadOnlyList<MonetPrompt>> ReadAsync(string path, string? column = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var rows = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PARQUET" => await ParquetRowsAsync(path, cancellationToken).ConfigureAwait(false),
            ".JSONL" => JsonRows(path, File.ReadLines(path).Where(l => !string.IsNullOrWhiteSpace(l))),
            ".JSON" => JsonRows(path, Elements(path)),
            _ => throw new InvalidDataException($"'{path}': expected .parquet, .jsonl or .json"),
        };
        return [.. rows.Select((row, i) => Prompt(row, column, path, i)).DistinctBy(p => p.Text)];
    }

    private static MonetPrompt Prompt(Dictionary<string, string?> row, string? column, string path, int index)
    {
        var name = column ?? TextColumns.FirstOrDefault(row.ContainsKey);
        if (name is null || !row.ContainsKey(name))
            throw new InvalidDataException($"'{path}': expected a column {column ?? string.Join(", ", TextColumns)}; found {string.Join(", ", row.Keys)}: name the one that holds the prompt");
        if (string.IsNullOrWhiteSpace(row[name]))
            throw new InvalidDataException($"'{path}': row {index} has no text in '{name}'");
        return new(row[name]!.Trim(), row.Where(c => c.Key != name && c.Value is not null).ToDictionary(c => c.Key, c => c.Value!, StringComparer.Ordinal));
    }

    private static async Task<List<Dictionary<string, string?>>> ParquetRowsAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await ParquetReader.CreateAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false);
            DataField[] columns = [.. reader.Schema.GetDataFields().Where(f => f.MaxRepetitionLevel == 0 && (f.ClrType == typeof(string) || f.ClrType == typeof(ReadOnlyMemory<char>)))];
            var rows = new List<Dictionary<string, string?>>();
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                using var part = reader.OpenRowGroupReader(group);
                var start = rows.Count;
                for (var i = 0L; i < part.RowCount; i++)
                    rows.Add(new(StringComparer.Ordinal));
                foreach (var column in columns)
                {
                    var values = new string?[part.RowCount];
                    await part.ReadAsync(column, values.AsMemory()!, cancellationToken: cancellationToken).ConfigureAwait(false);
                    for (var i = 0; i < values.Length; i++)
                        rows[start + i][column.Path.ToString()] = values[i];
                }
            }
            return rows;
        }
        catch (Exception e) when (e is ParquetException or InvalidOperationException or IOException and not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new InvalidDataException($"'{path}' is no Parquet file that can be read: {e.Message}", e);
        }
    }

    private static IEnumerable<Dictionary<string, string?>> JsonRows(string path, IEnumerable<string> rows)
    {
        var number = 0;
        foreach (var row in rows)
        {
            number++;
            JsonDocument json;
            try
            {
                json = JsonDocument.Parse(row);
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"'{path}', row {number}: {e.Message}", e);
            }
            using (json)
            {
                yield return json.RootElement.ValueKind == JsonValueKind.String
                    ? new() { [TextColumns[0]] = json.RootElement.GetString() }
                    : json.RootElement.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).ToDictionary(p => p.Name, p => p.Value.GetString(), StringComparer.Ordinal);
            }
        }
    }

    private static IEnumerable<string> Elements(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (var element in json.RootElement.EnumerateArray())
            yield return element.GetRawText();
    }
}

using System.Globalization;
using System.Text.Json;

namespace Vpo;

/// <summary>Pairs of query and good prompt, from which a few-shot teacher takes its examples and a learner its demonstrations.</summary>
/// <param name="all">The pairs in file order.</param>
public sealed class ShotPool(IReadOnlyList<Demonstration> all)
{
    /// <summary>All pairs.</summary>
    public IReadOnlyList<Demonstration> All { get; } = all ?? throw new ArgumentNullException(nameof(all));

    /// <summary>Reads JSON Lines of objects with "query" and "prompt".</summary>
    /// <exception cref="InvalidDataException">A line is no such object; the message names the file and the line.</exception>
    public static ShotPool Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new([.. File.ReadLines(path).Index().Where(l => !string.IsNullOrWhiteSpace(l.Item)).Select(l => Parse(l.Item, path, l.Index + 1))]);
    }

    /// <summary>Reads two text files side by side, line by line; blank lines are passed over. So are VBench's prompts and their GPT-4o rewrites kept (all_dimension.txt and all_dimension_gpt.txt).</summary>
    /// <exception cref="InvalidDataException">The files have different numbers of lines.</exception>
    public static ShotPool LoadLines(string queries, string prompts)
    {
        var (left, right) = (Lines(queries), Lines(prompts));
        if (left.Count != right.Count)
            throw new InvalidDataException($"expected as many lines in '{prompts}' as in '{queries}', found {right.Count} and {left.Count}");
        return new([.. left.Zip(right, (query, prompt) => new Demonstration(query, prompt)).DistinctBy(d => d.Id)]);
    }

    /// <summary>Examples for a query: a seeded choice without the query itself; the same query and seed give the same ones whatever the order of the file.</summary>
    public IReadOnlyList<Demonstration> Choose(string query, int count, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var purpose = ContentId.Of("shots", seed.ToString(CultureInfo.InvariantCulture), query);
        return [.. All.Where(d => !string.Equals(d.Query.Trim(), query.Trim(), StringComparison.OrdinalIgnoreCase)).OrderBy(d => ContentId.Of(purpose, d.Id), StringComparer.Ordinal).Take(count)];
    }

    private static List<string> Lines(string path) => [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];

    private static Demonstration Parse(string line, string path, int number)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind == JsonValueKind.Object && Text(json.RootElement, "query") is { } query && Text(json.RootElement, "prompt") is { } prompt)
                return new(query, prompt);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}:{number}: expected a JSON object with query and prompt: {e.Message}", e);
        }
        throw new InvalidDataException($"{path}:{number}: expected a JSON object with the texts query and prompt, found something else");
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString()) ? value.GetString() : null;
}

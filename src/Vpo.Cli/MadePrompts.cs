using System.Text.Json;
using Vpo.Queries;

namespace Vpo.Cli;

/// <summary>A prompt with the query that it was made for.</summary>
internal sealed record MadePrompt(string Query, string Prompt);

/// <summary>Prompts with their queries: what <c>vpo optimize</c> or <c>vpo draft</c> wrote, or a file of queries, which then are their own prompts.</summary>
internal static class MadePrompts
{
    /// <summary>What --input takes.</summary>
    public const string Says = "What 'vpo optimize' or 'vpo draft' wrote, or any file of queries, each then its own prompt.";

    /// <summary>All of them, every sample of a draft; equal ones once.</summary>
    /// <exception cref="InvalidDataException">A line is neither; the message says which.</exception>
    public static async Task<IReadOnlyList<MadePrompt>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!Path.GetExtension(path).Equals(".jsonl", StringComparison.OrdinalIgnoreCase))
            return [.. (await OpenedQueries.ReadAsync(path, cancellationToken)).Select(query => new MadePrompt(query.Text, query.Text))];
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' does not exist.", path);
        var lines = File.ReadLines(path).Select((line, index) => (Line: line, Number: index + 1)).Where(l => !string.IsNullOrWhiteSpace(l.Line)).Select(l => Read(l.Line, $"{path}:{l.Number}")).ToList();
        // A file of queries with the field "prompt" alone has no prompts made for them.
        return lines.All(l => l is null) ? [.. QueryFile.Read(path).Select(query => new MadePrompt(query.Text, query.Text))]
            : lines.IndexOf(null) is var at && at < 0 ? [.. lines.SelectMany(l => l!).Distinct()]
            : throw new InvalidDataException($"'{path}': record {at + 1} has no query and prompt, others have: keep one kind in a file.");
    }

    /// <summary>The first prompt of each query.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ByQueryAsync(string path, CancellationToken cancellationToken) =>
        (await ReadAsync(path, cancellationToken)).DistinctBy(p => p.Query).ToDictionary(p => p.Query, p => p.Prompt, StringComparer.Ordinal);

    private static List<MadePrompt>? Read(string line, string place)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("query", out var query) || query.ValueKind != JsonValueKind.String)
                return null;
            if (json.RootElement.TryGetProperty("prompt", out var prompt) && prompt.ValueKind == JsonValueKind.String)
                return [new(query.GetString()!, prompt.GetString()!)];
            return json.RootElement.TryGetProperty("prompts", out var prompts) && prompts.ValueKind == JsonValueKind.Array
                ? [.. prompts.EnumerateArray().Select(p => new MadePrompt(query.GetString()!, p.GetString()!))]
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{place}: expected a JSON object a line: {e.Message}", e);
        }
    }
}

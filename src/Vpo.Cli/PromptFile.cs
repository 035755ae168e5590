using System.Text.Json;
using Vpo.Queries;

namespace Vpo.Cli;

/// <summary>Prompts for a video model: of what <c>vpo optimize</c> wrote, the prompt and not the query.</summary>
internal static class PromptFile
{
    public static IReadOnlyList<string> Read(string path)
    {
        if (!Path.GetExtension(path).Equals(".jsonl", StringComparison.OrdinalIgnoreCase))
            return [.. QueryFile.Read(path).Select(query => query.Text)];
        var lines = File.ReadLines(path).Where(line => !string.IsNullOrWhiteSpace(line)).ToList();
        var prompts = lines.Select(PromptOf).ToList();
        return prompts.Contains(null) ? [.. QueryFile.Read(path).Select(query => query.Text)] : [.. prompts.OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    private static string? PromptOf(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("prompt", out var prompt) ? prompt.GetString() : null;
        }
        catch (JsonException)
        {
            return null;   // the other reader says what is wrong, with the line
        }
    }
}

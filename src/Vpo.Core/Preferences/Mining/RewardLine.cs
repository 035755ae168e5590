using System.Text.Json;
using System.Text.Json.Nodes;
using Vpo.Storage;

namespace Vpo.Mining;

/// <summary>A clip's score from a file.</summary>
/// <param name="Query">The user's words.</param>
/// <param name="Prompt">The prompt that the clip was made from.</param>
/// <param name="Score">The score; null when there is none.</param>
public sealed record RewardLine(string Query, string Prompt, VideoScore? Score)
{
    /// <summary>The clip's file, relative to the run folder; null where it was not kept.</summary>
    public string? Clip { get; init; }

    /// <summary>Reads rewards.jsonl or group-rewards.jsonl of a run, or other people's scores.</summary>
    /// <remarks>
    /// Only query, prompt and score must be there, one object a line. The score is a number, or an object with score, answers ({question, dimension, sub_dimension, answer, weight}) and dimensions (name to number);
    /// beside a number, answers and dimensions may stand in the line itself. A score of null says that the clip has none.
    /// </remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is no such object; the message names file, record and cause.</exception>
    public static IReadOnlyList<RewardLine> Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}': expected a file of rewards, found none");
        return [.. JsonlFile.Read(path, VpoJson.Lines.JsonObject).SelectMany((row, i) => Parse(row, $"{path}, record {i + 1}"))];
    }

    private static IReadOnlyList<RewardLine> Parse(JsonObject row, string place)
    {
        try
        {
            if (row["samples"] is JsonArray)
                return [.. row.Deserialize(VpoJson.Lines.GroupRewardRecord)!.Samples.Select(s => new RewardLine(Text(row, "query"), s.Prompt, s.Outcome.Score))];
            return [new(Text(row, "query"), Text(row, "prompt"), ScoreOf(row)) { Clip = row["clip"]?.GetValue<string>() }];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{place}: expected query, prompt and score: {e.Message}", e);
        }
    }

    private static VideoScore? ScoreOf(JsonObject row)
    {
        if (!row.TryGetPropertyValue("score", out var value) && !row.ContainsKey("problem"))
            throw new FormatException($"no score among {string.Join(", ", row.Select(p => p.Key).Take(8))}");
        var score = value switch
        {
            null => null,
            JsonObject whole => whole.Deserialize(VpoJson.Lines.VideoScore),
            _ => new JsonObject { ["score"] = value.DeepClone(), ["answers"] = row["answers"]?.DeepClone() ?? new JsonArray(), ["dimensions"] = row["dimensions"]?.DeepClone() ?? new JsonObject() }.Deserialize(VpoJson.Lines.VideoScore),
        };
        if (score is { } given && !double.IsFinite(given.Score))
            throw new FormatException($"the score {given.Score} is not finite");
        // What a line leaves out is null here, whatever the record's defaults are.
        return score is null ? null : score with { Answers = [.. (score.Answers ?? []).Select(a => a with { Dimension = a.Dimension ?? "" })], Dimensions = score.Dimensions ?? new Dictionary<string, double>() };
    }

    private static string Text(JsonObject row, string name) => row[name]?.GetValue<string>() ?? throw new FormatException($"no {name} among {string.Join(", ", row.Select(p => p.Key).Take(8))}");
}

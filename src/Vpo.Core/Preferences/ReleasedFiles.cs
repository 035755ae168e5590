using System.Globalization;
using System.Text.Json;

namespace Vpo;

/// <summary>A reply of the released program's judge or refiner.</summary>
/// <param name="Query">The user's words, as written.</param>
/// <param name="Prompt">The prompt in question, as written.</param>
/// <param name="Messages">The conversation before the reply.</param>
/// <param name="Response">The reply.</param>
public sealed record ReleasedReply(string Query, string Prompt, IReadOnlyList<(string Role, string Content)> Messages, string Response);

/// <summary>Reads the files that the released program (thu-coai/VPO) writes between its steps.</summary>
public static class ReleasedFiles
{
    private const int Shards = 8;
    private const int BlockSize = 4;

    /// <summary>Samples: vllm_output_0.json to vllm_output_7.json of a folder, one after another.</summary>
    /// <returns>Each query with its prompts.</returns>
    public static IReadOnlyList<(string Query, IReadOnlyList<string> Prompts)> ReadSamples(string folder)
    {
        var samples = new List<(string, IReadOnlyList<string>)>();
        for (var shard = 0; shard < Shards; shard++)
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"vllm_output_{shard}.json"))));
            samples.AddRange(json.RootElement.EnumerateArray().Select(row => (Text(row, "query"), (IReadOnlyList<string>)[.. row.GetProperty("output").EnumerateArray().Select(o => o.GetString() ?? "")])));
        }
        return samples;
    }

    /// <summary>Replies of the judge or of the refiner, a JSON object a line.</summary>
    /// <exception cref="InvalidDataException">A line is no such object.</exception>
    public static IReadOnlyList<ReleasedReply> ReadReplies(string path) => Lines(path, row =>
    {
        var origin = row.GetProperty("origin");
        return new ReleasedReply(
            Text(origin, "query"),
            Text(origin, "prompt"),
            [.. row.GetProperty("message").EnumerateArray().Select(m => (Text(m, "role"), Text(m, "content")))],
            Text(row, "response"));
    });

    /// <summary>Answers about videos, in blocks of samples that belong together: those whose number, divided by four, is the same; in the order of the file.</summary>
    /// <param name="path">A JSON object a line.</param>
    /// <param name="weights">What a yes to each question adds.</param>
    /// <exception cref="InvalidDataException">A line is no such object, or has another number of answers than there are weights.</exception>
    public static IReadOnlyList<IReadOnlyList<ScoredPrompt>> ReadScores(string path, IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return [.. Lines(path, row => (Block: Block(Text(row, "internal_id")), Sample: Sample(row, weights))).GroupBy(r => r.Block, r => r.Sample).Select(g => (IReadOnlyList<ScoredPrompt>)[.. g])];
    }

    private static int Block(string id) => int.Parse(id.Split('_')[1], NumberStyles.None, CultureInfo.InvariantCulture) / BlockSize;

    private static ScoredPrompt Sample(JsonElement row, IReadOnlyList<double> weights)
    {
        List<ChecklistAnswer> answers = [.. row.GetProperty("QA").EnumerateArray().Select((qa, i) => Answer(qa, i < weights.Count ? weights[i] : 0))];
        if (answers.Count != weights.Count)
            throw new FormatException($"expected {weights.Count} answers, found {answers.Count}");
        var score = answers.Where(a => a.Answer == Vpo.Answer.Yes).Sum(a => a.Weight);
        return new(Text(row, "query"), Text(row, "prompt").Trim(), new() { Score = score, Answers = answers, RewardId = "VisionReward, as released" });
    }

    /// <summary>Only the exact "yes" counts, as released.</summary>
    private static ChecklistAnswer Answer(JsonElement qa, double weight)
    {
        var reply = Text(qa, "response");
        var answer = reply switch { "yes" => Vpo.Answer.Yes, "no" => Vpo.Answer.No, _ => Vpo.Answer.Unknown };
        return new(qa.GetProperty("id").GetRawText(), "", answer, weight) { Reply = reply };
    }

    private static List<T> Lines<T>(string path, Func<JsonElement, T> read)
    {
        var rows = new List<T>();
        foreach (var (line, index) in File.ReadLines(path).Select((line, index) => (line, index)).Where(l => !string.IsNullOrWhiteSpace(l.line)))
        {
            try
            {
                using var json = JsonDocument.Parse(line);
                rows.Add(read(json.RootElement));
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
            {
                throw new InvalidDataException($"{path}:{index + 1}: expected a line of the released program, found something else: {e.Message}", e);
            }
        }
        return rows;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}

using System.Text.Json;
using Vpo.Rewards.Checklists;

namespace Vpo.Rewards.VisionReward;

/// <summary>The 64 questions about a video with their 29 weights, from the files that THUDM/VisionReward published (Apache-2.0); the texts are not part of this library.</summary>
public static class VisionRewardChecklist
{
    /// <summary>File of the 64 questions, one a line.</summary>
    public const string QuestionsFile = "VisionReward_video_qa.txt";

    /// <summary>File of the selected questions, one a line.</summary>
    public const string SelectedFile = "VisionReward_video_qa_select.txt";

    /// <summary>File of the selected questions' weights, a JSON array.</summary>
    public const string WeightsFile = "weight.json";

    // VisionReward's tables 17 and 18: the dimension of each question by its number from 1.
    private static readonly (int First, int Last, string Dimension)[] Ranges =
    [
        (1, 4, "Alignment"), (5, 6, "Composition"), (7, 10, "Stability"), (11, 20, "Quality"), (21, 27, "Preservation"), (28, 35, "Dynamic"),
        (36, 37, "Stability"), (38, 39, "Fidelity"), (40, 43, "Quality"), (44, 49, "Stability"), (50, 56, "Fidelity"), (57, 60, "Physics"), (61, 64, "Safety"),
    ];

    // Their sub-dimensions, by their last question.
    private static readonly (int Last, string Name)[] Narrower =
    [
        (4, "prompt met"), (6, "composition"), (8, "focus"), (10, "camera move"), (14, "colour"), (17, "light accuracy"), (20, "light aesthetics"), (23, "shape at start"), (27, "shape throughout"),
        (31, "object motion"), (35, "camera motion"), (37, "smoothness"), (39, "movement realism"), (43, "clarity"), (47, "image stability"), (49, "camera stability"), (53, "details"), (56, "letters"), (60, "physics"), (64, "safety"),
    ];

    /// <summary>How many questions there are.</summary>
    public const int Count = 64;

    /// <summary>Reads the three files of a folder.</summary>
    /// <param name="folder">Holds <see cref="QuestionsFile"/>, <see cref="SelectedFile"/> and <see cref="WeightsFile"/>.</param>
    /// <exception cref="InvalidDataException">The files do not belong together; the message says how.</exception>
    public static Checklist Load(string folder)
    {
        try
        {
            return From(Lines(Path.Combine(folder, QuestionsFile)), Lines(Path.Combine(folder, SelectedFile)), Path.Combine(folder, WeightsFile));
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"'{folder}': expected VisionReward's questions and, in '{WeightsFile}', a JSON array of weights: {e.Message}", e);
        }
    }

    /// <summary>Builds the checklist from texts and weights in the published order.</summary>
    /// <param name="texts">64 questions.</param>
    /// <param name="weights">64 weights, 0 for those not selected: the array of VPO's code.</param>
    /// <param name="selected">Which are among the selected; those with weight if null.</param>
    public static Checklist From(IReadOnlyList<string> texts, IReadOnlyList<double> weights, IReadOnlyList<bool>? selected = null)
    {
        if (texts.Count != Count || weights.Count != Count)
            throw new ArgumentException($"expected {Count} questions and weights, found {texts.Count} and {weights.Count}", nameof(weights));
        return new("visionreward-video", [.. texts.Select((text, i) =>
            new ChecklistQuestion($"q{i + 1:00}", DimensionOf(i + 1), text, weights[i]) { SubDimension = SubDimensionOf(i + 1), Selected = selected?[i] ?? weights[i] > 0 })]);
    }

    /// <summary>The dimension of a question.</summary>
    /// <param name="number">Its number, from 1 to 64.</param>
    public static string DimensionOf(int number) => Ranges.FirstOrDefault(r => r.First <= number && number <= r.Last).Dimension
        ?? throw new ArgumentOutOfRangeException(nameof(number), number, $"expected 1 to {Count}");

    /// <summary>The sub-dimension of a question, such as "letters"; there are 20.</summary>
    /// <param name="number">Its number, from 1 to 64.</param>
    public static string SubDimensionOf(int number) => number is >= 1 and <= Count
        ? Narrower.First(n => number <= n.Last).Name
        : throw new ArgumentOutOfRangeException(nameof(number), number, $"expected 1 to {Count}");

    private static Checklist From(string[] questions, string[] selected, string path)
    {
        var weights = JsonSerializer.Deserialize<double[]>(File.ReadAllBytes(path)) ?? [];
        if (questions.Length != Count)
            throw new InvalidDataException($"'{QuestionsFile}': expected {Count} questions, found {questions.Length}");
        if (selected.Length != weights.Length)
            throw new InvalidDataException($"expected one weight a selected question, found {weights.Length} weights in '{path}' and {selected.Length} questions in '{SelectedFile}'");
        if (selected.GroupBy(s => s, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidDataException($"'{SelectedFile}': expected each question once, found \"{twice.Key}\" {twice.Count()} times");
        var weightOf = selected.Zip(weights).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
        if (selected.FirstOrDefault(s => !questions.Contains(s, StringComparer.Ordinal)) is { } stray)
            throw new InvalidDataException($"'{SelectedFile}': the question \"{stray}\" is not in '{QuestionsFile}'");
        return From(questions, [.. questions.Select(q => weightOf.GetValueOrDefault(q))], [.. questions.Select(weightOf.ContainsKey)]);
    }

    private static string[] Lines(string path) => [.. File.ReadAllLines(path).Select(l => l.Trim()).Where(l => l.Length > 0)];
}

using System.Text.Json;
using Vpo.Data;
using Vpo.Mining;
using Vpo.Rewards.VisionReward;

namespace Vpo.Cli;

/// <summary>The files that pairs are made from, this library's and the released program's, told apart by their first line.</summary>
internal sealed class PairFiles
{
    private readonly Dictionary<(string Query, string Prompt), (string Folder, string File)> _clips = [];

    /// <summary>What was read.</summary>
    public PairSources Sources { get; private set; } = new();

    /// <summary>Reads all of them.</summary>
    /// <param name="verdicts">verdicts.jsonl, or replies of the released program's refiner.</param>
    /// <param name="rewards">rewards.jsonl, group-rewards.jsonl, other people's scores, or the released program's answers.</param>
    /// <param name="pairs">Pairs in any of the exchange forms.</param>
    /// <param name="checklist">For the released program's answers: a JSON array of weights, or a folder with VisionReward's files.</param>
    /// <param name="inBlocks">Compare the released program's samples in its blocks, also across queries.</param>
    public static async Task<PairFiles> ReadAsync(IReadOnlyList<string> verdicts, IReadOnlyList<string> rewards, IReadOnlyList<string> pairs, string? checklist, bool inBlocks)
    {
        var files = new PairFiles();
        var released = rewards.Where(path => Has(path, "QA")).ToList();
        var blocks = released.SelectMany(path => ReleasedScores(path, checklist)).ToList();
        List<(string Path, RewardLine Line)> lines = [.. rewards.Except(released).SelectMany(path => RewardLine.Read(path).Select(line => (path, line)))];
        var samples = lines.Where(l => l.Line.Score is not null).Select(l => new ScoredPrompt(l.Line.Query, l.Line.Prompt, l.Line.Score!));
        foreach (var (path, line) in lines.Where(l => l.Line.Clip is { } clip && clip.EndsWith(".png", StringComparison.OrdinalIgnoreCase)))
            files._clips.TryAdd((line.Query, line.Prompt), (Path.GetDirectoryName(Path.GetFullPath(path))!, line.Clip!));
        var ready = new List<PreferencePair>();
        foreach (var path in pairs)
            ready.AddRange(await ExchangeFiles.ReadPairsAsync(path).ConfigureAwait(false));
        files.Sources = new()
        {
            Verdicts = [.. verdicts.Where(path => !Has(path, "origin")).SelectMany(TextStages.ReadVerdicts)],
            Replies = [.. verdicts.Where(path => Has(path, "origin")).SelectMany(ReleasedFiles.ReadReplies)],
            Groups = inBlocks ? [.. blocks, .. PairSources.ByQuery(samples)] : PairSources.ByQuery(blocks.SelectMany(b => b).Concat(samples)),
            Unscored = lines.Count(l => l.Line.Score is null),
            Ready = ready,
        };
        return files;
    }

    /// <summary>The kept clip of a prompt, if it is there: beside the rewards, or in the run folder above.</summary>
    public byte[]? Clip(string query, string prompt)
    {
        if (!_clips.TryGetValue((query, prompt), out var clip))
            return null;
        string[] places = [Path.Combine(clip.Folder, clip.File), Path.Combine(clip.Folder, "..", clip.File)];
        return places.FirstOrDefault(File.Exists) is { } place ? File.ReadAllBytes(place) : null;
    }

    private static IReadOnlyList<IReadOnlyList<ScoredPrompt>> ReleasedScores(string path, string? checklist)
    {
        if (checklist is null)
            throw new ArgumentException($"'{path}' holds answers of the released program: give --checklist, a JSON array of weights or a folder with VisionReward's files.");
        if (!Directory.Exists(checklist))
            return ReleasedFiles.ReadScores(path, JsonSerializer.Deserialize<double[]>(File.ReadAllBytes(checklist)) ?? []);
        var questions = VisionRewardChecklist.Load(checklist).Questions;
        return [.. ReleasedFiles.ReadScores(path, [.. questions.Select(q => q.Weight)]).Select(block => (IReadOnlyList<ScoredPrompt>)[.. block.Select(s => Named(s, questions))])];
    }

    private static ScoredPrompt Named(ScoredPrompt sample, IReadOnlyList<Rewards.Checklists.ChecklistQuestion> questions)
    {
        List<ChecklistAnswer> answers = [.. sample.Score.Answers.Zip(questions, (a, q) => a with { Question = q.Name, Dimension = q.Dimension, SubDimension = q.SubDimension })];
        var dimensions = answers.GroupBy(a => a.Dimension, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(a => a.Answer == Answer.Yes ? a.Weight : 0));
        return sample with { Score = sample.Score with { Answers = answers, Dimensions = dimensions } };
    }

    /// <summary>Whether the file's first line is an object with a field of this name.</summary>
    private static bool Has(string path, string name)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' does not exist.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadLines(path).FirstOrDefault(l => !string.IsNullOrWhiteSpace(l)) ?? "null");
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out _);
        }
        catch (JsonException)
        {
            return false;   // the reader says what is wrong, with the line
        }
    }
}

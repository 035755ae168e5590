using Vpo.Comparisons;
using Vpo.Storage;

namespace Vpo.Reporting;

/// <summary>A run that a report tells of.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Result">Its results.</param>
public sealed record ReportedRun(string Name, string Folder, LoopResult Result)
{
    private const string ResultFile = "results.json";

    /// <summary>People's votes on its clips; empty without.</summary>
    public IReadOnlyList<Vote> Votes { get; init; } = [];

    /// <summary>Opens a run folder: results.json, and comparisons/votes.jsonl where people compared its clips.</summary>
    /// <exception cref="FileNotFoundException">It has no results.</exception>
    public static ReportedRun Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var file = Path.Combine(folder, ResultFile);
        if (!File.Exists(file))
            throw new FileNotFoundException($"'{folder}' has no {ResultFile}: it is no run, or one that has not ended", file);
        return new(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), folder, LoopResult.Read(file)) { Votes = VoteFile.Read(Path.Combine(folder, "comparisons", VoteFile.Name)) };
    }

    /// <summary>The scores of a method's held-out clips; empty where the folder does not keep them.</summary>
    internal IReadOnlyList<RewardRecord> Rewards(string method) => JsonlFile.Read(Path.Combine(Folder, "evaluation", method, "rewards.jsonl"), VpoJson.Lines.RewardRecord);

    /// <summary>The verdicts on a method's held-out prompts.</summary>
    internal IReadOnlyList<VerdictRecord> Verdicts(string method) => JsonlFile.Read(Path.Combine(Folder, "evaluation", method, "verdicts.jsonl"), VpoJson.Lines.VerdictRecord);
}

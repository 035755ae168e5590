using Vpo.Stages;
using Vpo.Storage;

namespace Vpo;

/// <summary>The text side of the method, a stage at a time over files: each goes on where it was stopped, and can be shared out between machines (<see cref="Shard"/>).</summary>
/// <param name="time">For estimates of the time left.</param>
/// <param name="progress">Hears of every chunk; may be null.</param>
public sealed class TextStages(TimeProvider time, IProgress<StageProgress>? progress = null)
{
    /// <summary>Queries in one chunk; at least 1, default 64. Part of what determines the results of a batching model.</summary>
    public int ChunkSize { get; init; } = 64;

    /// <summary>The part of the work to do.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>What decides the judge, for example its model's name. It stands in each verdict's record, and a file with verdicts of another judge, or refined otherwise, is refused. Null: not looked at.</summary>
    public string? JudgeName { get; init; }

    /// <summary>Queries to prompts: the teacher's drafts with one prompt each, or samples for pairs with several.</summary>
    /// <param name="path">prompts.jsonl; the part's own file beside it when the work is shared out.</param>
    /// <param name="writerId">What determines the writer: its part in the ids.</param>
    /// <param name="optimizer">The writer.</param>
    /// <param name="queries">All of them, also those of other parts.</param>
    /// <param name="options">Count, temperature, seed.</param>
    /// <param name="cancellationToken">Ends the stage; whole chunks that are done stay done.</param>
    public async Task<IReadOnlyList<PromptRecord>> DraftAsync(
        string path, string writerId, IPromptOptimizer optimizer, IReadOnlyList<Query> queries, PromptOptions options, CancellationToken cancellationToken = default)
    {
        var (context, file) = Context(path, options.Seed ?? 0);
        var records = await PromptStage.RunAsync(context, file, new(writerId, optimizer), Shard.Of(queries, ChunkSize), options, cancellationToken).ConfigureAwait(false);
        Shard.Finish(path, records.Select(r => r.Id));
        return records;
    }

    /// <summary>Prompts to verdicts, and misaligned prompts to refined ones.</summary>
    /// <param name="path">verdicts.jsonl; the part's own file beside it when the work is shared out.</param>
    /// <param name="judge">The judge.</param>
    /// <param name="prompts">All of them, also those of other parts.</param>
    /// <param name="refine">Whether misaligned prompts are refined.</param>
    /// <param name="cancellationToken">Ends the stage; whole chunks that are done stay done.</param>
    /// <exception cref="InvalidDataException">No verdict could be read in a whole chunk: the judge is set up wrongly. Or the file holds verdicts that were made otherwise (<see cref="JudgeName"/>).</exception>
    public async Task<IReadOnlyList<VerdictRecord>> JudgeAsync(
        string path, IJudge judge, IReadOnlyList<PromptRecord> prompts, bool refine = true, CancellationToken cancellationToken = default)
    {
        var (context, file) = Context(path, 0);
        var how = new Judging(judge, refine, JudgeName);
        if (JudgeName is not null && ReadVerdicts(Path.Combine(context.Folder, file)).FirstOrDefault(r => r.Provenance.Options != how.Options) is { } other)
            throw new InvalidDataException($"'{Path.Combine(context.Folder, file)}' holds verdicts that were made otherwise (found '{other.Provenance.Options}' of {other.Provenance.Model ?? "a judge without a name"}; expected '{how.Options}'): choose another file, or delete this one");
        var records = await VerdictStage.RunAsync(context, file, how, Shard.Of(prompts, ChunkSize), cancellationToken).ConfigureAwait(false);
        Shard.Finish(path, records.Select(r => r.Id));
        return records;
    }

    /// <summary>Verdicts to SFT data: a clean draft as it is, a flawed one refined; anything else teaches nothing (paper section 3.1).</summary>
    public static IReadOnlyList<Demonstration> Demonstrations(IEnumerable<VerdictRecord> verdicts) =>
        [.. verdicts.Select(v => Stages.Demonstrations.Target(v)).OfType<Demonstration>().DistinctBy(d => d.Id)];

    /// <summary>Verdicts to text-level pairs (paper section 3.2).</summary>
    public static IReadOnlyList<PreferencePair> Pairs(IEnumerable<VerdictRecord> verdicts) =>
        [.. verdicts.Select(v => TextPreferences.From(v.Verdict, v.Refined)).OfType<PreferencePair>().DistinctBy(p => p.Id)];

    /// <summary>Reads prompts.jsonl.</summary>
    public static IReadOnlyList<PromptRecord> ReadPrompts(string path) => JsonlFile.Read(path, VpoJson.Lines.PromptRecord);

    /// <summary>Reads verdicts.jsonl.</summary>
    public static IReadOnlyList<VerdictRecord> ReadVerdicts(string path) => JsonlFile.Read(path, VpoJson.Lines.VerdictRecord);

    private (StageContext Context, string File) Context(string path, long seed)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var own = Path.GetFullPath(Shard.PathOf(path));
        return (new(Path.GetDirectoryName(own)!, new() { ChunkSize = ChunkSize, Seed = seed }, time, progress), Path.GetFileName(own));
    }
}

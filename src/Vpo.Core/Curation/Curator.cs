using Vpo.Storage;

namespace Vpo.Curation;

/// <summary>Stage 1 of the method (paper section 3.1): from a data set's queries to an SFT and a DPO set that are clean, diverse, disjoint and apart from what is evaluated.</summary>
/// <remarks>The outcome depends on the set of rows and the options alone: not on the rows' order, files or threads.</remarks>
/// <param name="options">Rules, thresholds, sizes, seed.</param>
public sealed class Curator(CurationOptions options)
{
    /// <summary>Rules of your own, asked after those of the options.</summary>
    public IReadOnlyList<QueryRule> MoreRules { get; init; } = [];

    /// <summary>Queries that must not come back in a set, such as those of an evaluation: what equals or is near to one of them is removed.</summary>
    public IReadOnlyList<string> KeepAwayFrom { get; init; } = [];

    /// <summary>Looks again at what the labels call harmful, as a prompt for itself; null trusts the labels. The caller disposes it.</summary>
    public IJudge? Judge { get; init; }

    /// <summary>For the estimate of the time left.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Curates. Needs about 0.7 KB of memory a query that passes the rules.</summary>
    /// <param name="rows">The rows in any order; read once.</param>
    /// <param name="progress">Hears of every few thousand queries; may be null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Task<CurationResult> RunAsync(IAsyncEnumerable<SourceRow> rows, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RunAsync(rows, (NearParts?)null, progress, cancellationToken);

    /// <summary>Curates with the near-duplicates that <see cref="FindPartAsync"/> found in several processes: the outcome is that of a run without parts, to the last byte.</summary>
    /// <param name="rows">All rows, in any order; read once.</param>
    /// <param name="path">The path that the parts were given.</param>
    /// <param name="parts">How many parts there are.</param>
    /// <param name="progress">Hears of every few thousand queries; may be null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InvalidDataException">A part is missing, or made of other rows or options.</exception>
    public Task<CurationResult> MergeAsync(IAsyncEnumerable<SourceRow> rows, string path, int parts, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RunAsync(rows, new NearParts(path, parts), progress, cancellationToken);

    /// <summary>Looks for the near-duplicates among one part of the queries, the work that grows fastest, and writes them beside <paramref name="path"/>. Does nothing where that was done before.</summary>
    /// <remarks>Each process reads all rows and needs the memory of a whole run; what is shared out is the comparing.</remarks>
    /// <param name="rows">All rows, also those of other parts, in any order.</param>
    /// <param name="path">The file of the whole; the part's own lies beside it. Give its name something that tells inputs and options, such as <see cref="CurationWork"/>.</param>
    /// <param name="shard">Which part.</param>
    /// <param name="progress">Hears of every few thousand queries; may be null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many the part found; null when it was there already.</returns>
    public async Task<int?> FindPartAsync(IAsyncEnumerable<SourceRow> rows, string path, Shard shard, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (NearParts.IsDone(path, shard))
            return null;
        var gathering = await GatherAsync(rows, progress, cancellationToken).ConfigureAwait(false);
        var found = new Repetitions(options, KeepAwayFrom).FindPart(gathering.Passed, shard, Reporter(progress, "compare", gathering.Passed.Count / shard.Count), cancellationToken);
        NearParts.Write(path, shard, found);
        return found.Count;
    }

    private async Task<Gathering> GatherAsync(IAsyncEnumerable<SourceRow> rows, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        options.Check();
        var gathering = new Gathering(options, MoreRules);
        await gathering.ReadAsync(rows, read => progress?.Report(new("read", read, null, null)), cancellationToken).ConfigureAwait(false);
        return gathering;
    }

    private async Task<CurationResult> RunAsync(IAsyncEnumerable<SourceRow> rows, NearParts? parts, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var gathering = await GatherAsync(rows, progress, cancellationToken).ConfigureAwait(false);
        var repetitions = new Repetitions(options, KeepAwayFrom);
        var passed = repetitions.Remove(gathering.Passed, parts, Reporter(progress, "compare", gathering.Passed.Count), cancellationToken);
        var selection = new Selection(options, Judge);
        await selection.ChooseAsync(passed, cancellationToken).ConfigureAwait(false);
        return new(selection.Sft, selection.Dpo, new()
        {
            Read = gathering.Read,
            Damaged = gathering.Damaged,
            Steps = [.. gathering.Steps, .. repetitions.Steps],
            Passed = passed.Count,
            Sft = Size(selection.Sft),
            Dpo = Size(selection.Dpo),
            JudgedHarmless = selection.JudgedHarmless,
            JudgedUnclear = selection.JudgedUnclear,
            SelfBleuBefore = repetitions.SelfBleuBefore,
            SelfBleuAfter = repetitions.SelfBleuAfter,
            Options = options,
        });
    }

    private Action<int>? Reporter(IProgress<StageProgress>? progress, string stage, int total)
    {
        if (progress is null)
            return null;
        var pace = new Pace(stage, total, 0, Time);
        return done => progress.Report(pace.Advance(done));
    }

    private static SetSize Size(IReadOnlyList<CuratedQuery> set) => new(set.Count, set.Count(q => q.Unsafe == true));
}

/// <summary>What curation gives.</summary>
/// <param name="Sft">For drafting and supervised fine-tuning, in the order of ids.</param>
/// <param name="Dpo">For sampling and preference pairs, in the order of ids; shares no query, nor one near to it, with <paramref name="Sft"/>.</param>
/// <param name="Report">What was removed and why.</param>
public sealed record CurationResult(IReadOnlyList<CuratedQuery> Sft, IReadOnlyList<CuratedQuery> Dpo, CurationReport Report);

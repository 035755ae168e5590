using System.Text.Json.Serialization.Metadata;

namespace Vpo.Storage;

/// <summary>One arrow of the data flow: a record for each input, kept in a file, so that a stopped run goes on where it was.</summary>
/// <remarks>
/// Works through fixed chunks of the whole list. A chunk that lacks any record is computed again as a whole and only what is missing is appended:
/// so the batches, and with them the results, do not depend on where a run was stopped. Where there are no batches, <see cref="OnlyMissing"/> saves the work.
/// While anything is missing, one process writes the file (<see cref="WriteLock"/>): others fail at once, and parts of a <see cref="Shard"/> have files of their own. A stage that is complete only reads.
/// </remarks>
/// <typeparam name="TInput">What the stage reads.</typeparam>
/// <typeparam name="TRecord">What it writes.</typeparam>
/// <param name="name">For progress.</param>
/// <param name="path">The file.</param>
/// <param name="type">How to write a record.</param>
/// <param name="idOf">The id of an input's record.</param>
public sealed class Stage<TInput, TRecord>(string name, string path, JsonTypeInfo<TRecord> type, Func<TInput, string> idOf)
    where TRecord : class, IRecord
{
    /// <summary>Inputs in one batch; at least 1, default 64. Part of what determines the results of a batching model.</summary>
    public int ChunkSize { get; init; } = 64;

    /// <summary>Make only the records of a chunk that are missing, for work in which no record depends on another; default false.</summary>
    public bool OnlyMissing { get; init; }

    /// <summary>For the estimate of the time left.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes what is missing and returns the records of all inputs, in their order.</summary>
    /// <param name="inputs">All of them; no two with the same id.</param>
    /// <param name="work">Makes the records of one chunk, in its order.</param>
    /// <param name="progress">Hears of every chunk; may be null.</param>
    /// <param name="cancellationToken">Ends the stage; whole chunks that are done stay done.</param>
    /// <exception cref="ArgumentException">Two inputs have the same id.</exception>
    /// <exception cref="IOException">Another process works on this file.</exception>
    public async Task<IReadOnlyList<TRecord>> RunAsync(
        IReadOnlyList<TInput> inputs,
        Func<IReadOnlyList<TInput>, CancellationToken, Task<IReadOnlyList<TRecord>>> work,
        IProgress<StageProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(work);
        var ids = Ids(inputs);
        var known = Known();
        using var alone = ids.All(known.ContainsKey) ? null : WriteLock.Take(path);
        if (alone is not null)
            known = Known();   // what another process has written since
        var pace = new Pace(name, inputs.Count, ids.Count(known.ContainsKey), Time);
        progress?.Report(pace.Now);
        for (var start = 0; start < inputs.Count; start += ChunkSize)
        {
            var chunk = Enumerable.Range(start, Math.Min(ChunkSize, inputs.Count - start)).Where(i => !OnlyMissing || !known.ContainsKey(ids[i])).ToList();
            if (chunk.All(i => known.ContainsKey(ids[i])))
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            var made = await work([.. chunk.Select(i => inputs[i])], cancellationToken).ConfigureAwait(false);
            CheckIds(made, [.. chunk.Select(i => ids[i])]);
            List<TRecord> missing = [.. made.Where(r => !known.ContainsKey(r.Id))];
            JsonlFile.Append(path, missing, type);
            foreach (var record in missing)
                known.Add(record.Id, record);
            progress?.Report(pace.Advance(missing.Count));
        }
        return [.. ids.Select(id => known[id])];
    }

    private Dictionary<string, TRecord> Known()
    {
        var known = new Dictionary<string, TRecord>();
        foreach (var record in JsonlFile.Read(path, type))
            known.TryAdd(record.Id, record);
        return known;
    }

    private string[] Ids(IReadOnlyList<TInput> inputs)
    {
        string[] ids = [.. inputs.Select(idOf)];
        var twice = ids.GroupBy(id => id).FirstOrDefault(g => g.Skip(1).Any());
        return twice is null ? ids : throw new ArgumentException($"expected inputs with different ids, found {twice.Key} twice: remove repetitions before the stage", nameof(inputs));
    }

    private static void CheckIds(IReadOnlyList<TRecord> made, List<string> expected)
    {
        if (made.Count != expected.Count)
            throw new InvalidOperationException($"expected {expected.Count} records of a chunk, found {made.Count}");
        for (var i = 0; i < made.Count; i++)
        {
            if (made[i].Id != expected[i])
                throw new InvalidOperationException($"expected the record {expected[i]} at {i} of a chunk, found {made[i].Id}");
        }
    }
}

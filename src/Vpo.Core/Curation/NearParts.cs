using Vpo.Curation.Similarity;
using Vpo.Storage;

namespace Vpo.Curation;

/// <summary>A query that goes, and the one that is kept and that it is near to.</summary>
/// <param name="Id">Hash of the query's text.</param>
/// <param name="Original">Hash of the other one's.</param>
internal sealed record NearRecord(string Id, string Original) : IRecord;

/// <summary>Near-duplicates found by several processes, each for its part of the queries, in files beside each other.</summary>
/// <param name="path">The file of the whole; its name tells the work, so that parts of other inputs or options are not taken for it.</param>
/// <param name="count">How many parts there are.</param>
internal sealed class NearParts(string path, int count)
{
    /// <summary>Whether a part is complete.</summary>
    public static bool IsDone(string path, Shard shard) => File.Exists(shard.PathOf(path) + ".done");

    /// <summary>Writes a part, the whole file or nothing, and says that it is complete.</summary>
    public static void Write(string path, Shard shard, IReadOnlyList<NearRecord> records)
    {
        AtomicFile.Write(shard.PathOf(path), stream =>
        {
            foreach (var record in records)
            {
                System.Text.Json.JsonSerializer.Serialize(stream, record, CurationJson.Lines.NearRecord);
                stream.WriteByte((byte)'\n');
            }
        });
        AtomicFile.WriteText(shard.PathOf(path) + ".done", string.Join('\n', records.Select(r => r.Id)));
    }

    /// <summary>As <see cref="NearDuplicates.Find"/> gives it.</summary>
    /// <param name="ids">Ids of all texts in their order.</param>
    /// <param name="given">So many of the first are kept in any case.</param>
    /// <exception cref="InvalidDataException">A part is missing, or the parts are of other queries.</exception>
    public int[] Read(IReadOnlyList<string> ids, int given)
    {
        var place = new Dictionary<string, int>(ids.Count);
        for (var i = 0; i < ids.Count; i++)
            place.Add(ids[i], i);
        var repeats = new int[ids.Count];
        Array.Fill(repeats, NearDuplicates.Kept);
        for (var index = 0; index < count; index++)
        {
            var part = new Shard(index, count).PathOf(path);
            if (!IsDone(path, new(index, count)))
                throw new InvalidDataException($"the part '{part}' is not complete: run the same command with --shard {index}/{count} (again) until it ends");
            var records = JsonlFile.Read(part, CurationJson.Lines.NearRecord);
            var promised = File.ReadLines(part + ".done").Count(l => l.Length > 0);
            if (records.Count != promised)
                throw new InvalidDataException($"the part '{part}' holds {records.Count} records and said to hold {promised}: delete it with its .done file and run it again");
            foreach (var record in records)
            {
                if (!place.TryGetValue(record.Id, out var text) || !place.TryGetValue(record.Original, out var original) || original >= text || text < given || repeats[text] != NearDuplicates.Kept)
                    throw new InvalidDataException($"the part '{part}' says of {record.Id} that it repeats {record.Original}, which these queries and the other parts rule out: delete the parts and run them again");
                repeats[text] = original;
            }
        }
        return repeats;
    }
}

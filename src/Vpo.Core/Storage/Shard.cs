using System.Globalization;
using System.Text.Json;

namespace Vpo.Storage;

/// <summary>One of several parts of a stage's work, for runs on several machines.</summary>
/// <remarks>A part is made of whole chunks, so batches, and with them results, are those of an undivided run.</remarks>
/// <param name="Index">From 0.</param>
/// <param name="Count">How many parts there are.</param>
public readonly record struct Shard(int Index, int Count)
{
    /// <summary>Names of rank and size in Slurm arrays, MPI, PMI, torchrun, and of the index in Kubernetes' indexed jobs, whose size VPO_SHARDS gives.</summary>
    private static readonly (string Index, string Count, string? First)[] Variables =
    [
        ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"),
        ("JOB_COMPLETION_INDEX", "VPO_SHARDS", null),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", null),
        ("PMI_RANK", "PMI_SIZE", null),
        ("RANK", "WORLD_SIZE", null),
    ];

    /// <summary>All of the work.</summary>
    public static Shard Whole { get; } = new(0, 1);

    /// <summary>Reads "i/n", i from 0 to n − 1.</summary>
    /// <exception cref="ArgumentException">Not of this form.</exception>
    public static Shard Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('/');
        if (parts.Length == 2 && Number(parts[0]) is { } index && Number(parts[1]) is { } count && index < count)
            return new(index, count);
        throw new ArgumentException($"expected a shard as i/n with i from 0 to n - 1, such as 0/4, found '{text}'", nameof(text));
    }

    /// <summary>From the variables of a scheduler; <see cref="Whole"/> where there are none.</summary>
    /// <param name="variable">Gives a variable's value or null; null reads the environment.</param>
    public static Shard FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        foreach (var (index, count, first) in Variables)
        {
            if (Number(variable(index)) is { } i && Number(variable(count)) is { } n && i - (first is null ? 0 : Number(variable(first)) ?? 0) is var place && place >= 0 && place < n)
                return new(place, n);
        }
        return Whole;
    }

    /// <summary>The items of this part: every n-th chunk.</summary>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> items, int chunkSize)
    {
        ArgumentNullException.ThrowIfNull(items);
        var (index, count) = (Index, Count);
        return count == 1 ? items : [.. items.Where((_, i) => i / chunkSize % count == index)];
    }

    /// <summary>The file of this part: prompts.jsonl becomes prompts.1-of-4.jsonl.</summary>
    public string PathOf(string path) => Count == 1 ? path : Path.ChangeExtension(path, string.Create(CultureInfo.InvariantCulture, $"{Index}-of-{Count}{Path.GetExtension(path)}"));

    /// <summary>Says that the part is complete, with the ids that it must hold.</summary>
    public void Finish(string path, IEnumerable<string> ids)
    {
        if (Count > 1)
            AtomicFile.WriteText(PathOf(path) + ".done", string.Join('\n', ids));
    }

    /// <summary>Joins the parts into the file of the whole: every part must be complete, every record there once.</summary>
    /// <returns>How many records there are.</returns>
    /// <exception cref="InvalidDataException">Something is missing or double; the message says which part and id.</exception>
    public static int Merge(string path, int count)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        AtomicFile.Write(path, stream =>
        {
            for (var index = 0; index < count; index++)
            {
                foreach (var (id, line) in Records(new Shard(index, count).PathOf(path)))
                {
                    if (!all.Add(id))
                        throw new InvalidDataException($"the record {id} is in two parts of '{path}': were they made with different numbers of parts or inputs?");
                    stream.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
                }
            }
        });
        return all.Count;
    }

    /// <summary>How many parts the files beside a file say that it has.</summary>
    /// <param name="path">The file of the whole.</param>
    /// <exception cref="InvalidDataException">There are no parts, or parts of several numbers.</exception>
    public static int CountBeside(string path)
    {
        var whole = Path.GetFullPath(path);
        var (folder, name, extension) = (Path.GetDirectoryName(whole)!, Path.GetFileNameWithoutExtension(whole), Path.GetExtension(whole));
        if (!Directory.Exists(folder))
            throw new InvalidDataException($"'{folder}' does not exist: expected the parts of '{Path.GetFileName(path)}' there");
        var counts = Directory.EnumerateFiles(folder, $"{name}.*-of-*{extension}")
            .Select(part => Path.GetFileNameWithoutExtension(part)[(name.Length + 1)..].Split("-of-"))
            .Where(part => part.Length == 2 && Number(part[0]) is not null).Select(part => Number(part[1])).OfType<int>().Distinct().ToList();
        return counts.Count == 1 ? counts[0] : throw new InvalidDataException($"expected parts of one number beside '{path}', such as {new Shard(0, 2).PathOf(Path.GetFileName(path))}, found {(counts.Count == 0 ? "none" : $"parts of {string.Join(" and of ", counts.Order())}: say which")}");
    }

    /// <summary>The records of a part, each that was promised once, in the promised order.</summary>
    private static IEnumerable<(string Id, string Line)> Records(string part)
    {
        if (!File.Exists(part + ".done"))
            throw new InvalidDataException($"the part '{part}' is not complete: run it (again) until it ends");
        var lines = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.Exists(part) ? File.ReadLines(part).Where(l => l.Length > 0) : [])
        {
            using var json = JsonDocument.Parse(line);
            lines.TryAdd(json.RootElement.GetProperty("id").GetString()!, line);
        }
        foreach (var id in File.ReadLines(part + ".done").Where(l => l.Length > 0))
            yield return lines.TryGetValue(id, out var line) ? (id, line) : throw new InvalidDataException($"the part '{part}' lacks the record {id}, which it said to hold");
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

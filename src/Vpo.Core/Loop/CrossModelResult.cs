using System.Text.Json;
using Vpo.Reporting;
using Vpo.Statistics;
using Vpo.Storage;

namespace Vpo;

/// <summary>One method's prompts on one video model.</summary>
/// <param name="Method">The row.</param>
/// <param name="Generator">The column.</param>
public sealed record CrossModelCell(string Method, string Generator)
{
    /// <summary>Mean video reward with a 95 % interval (bootstrap over queries); null when nothing could be scored.</summary>
    public Estimate? VideoReward { get; init; }

    /// <summary>How much that is above the queries as they are, on the same model (paired bootstrap); null in their own row.</summary>
    public Estimate? Gain { get; init; }

    /// <summary>Clips that could not be scored.</summary>
    public int Unscored { get; init; }
}

/// <summary>The outcome of a <see cref="CrossModel"/> run: what cross.json holds.</summary>
public sealed record CrossModelResult
{
    /// <summary>The file in the run folder.</summary>
    public const string FileName = "cross.json";

    /// <summary>Row by row.</summary>
    public required IReadOnlyList<CrossModelCell> Cells { get; init; }

    /// <summary>The run's seed.</summary>
    public long Seed { get; init; }

    /// <summary>Column heads of the table.</summary>
    public IReadOnlyList<string> Headers() => ["prompts", .. Cells.Select(cell => cell.Generator).Distinct()];

    /// <summary>A line for each method: reward with its interval, and the gain over the queries as they are with its own.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows() =>
        [.. Cells.GroupBy(cell => cell.Method).Select(row => (IReadOnlyList<string>)[row.Key, .. row.Select(Text)])];

    /// <summary>Writes cross.json, whole or not at all.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, VpoJson.Readable.CrossModelResult));

    private static string Text(CrossModelCell cell)
    {
        var reward = cell.VideoReward is { } mean ? ResultTables.Mean(mean) : "-";
        return cell.Gain is { } gain ? $"{reward}, {ResultTables.Signed(gain)}" : reward;
    }
}

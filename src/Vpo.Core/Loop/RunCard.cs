using System.Globalization;
using System.Text.Json;
using Vpo.Storage;

namespace Vpo;

/// <summary>What a run folder was made with (run.json), so that two different runs are never mixed in one folder.</summary>
/// <param name="Settings">The options that determine the files, in words.</param>
/// <param name="Queries">Hash of all queries.</param>
internal sealed record RunCard(string Settings, string Queries)
{
    private const string FileName = "run.json";

    /// <summary>The right to write the run's folder; see <see cref="WriteLock"/>.</summary>
    internal static WriteLock Lock(string folder) => WriteLock.Take(Path.Combine(folder, FileName));

    /// <summary>Writes the card of a new folder, or checks that of an old one.</summary>
    /// <exception cref="InvalidDataException">The folder holds another run.</exception>
    internal static void Claim(string folder, LoopOptions options, LoopQueries queries) =>
        new RunCard(Describe(options), ContentId.Of([.. queries.Sft.Concat(queries.Preference).Concat(queries.Evaluation).Select(q => q.Id)])).Claim(folder);

    /// <summary>The same for any run.</summary>
    internal void Claim(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, VpoJson.Readable.RunCard));
            return;
        }
        var found = JsonSerializer.Deserialize(File.ReadAllBytes(path), VpoJson.Readable.RunCard);
        if (found != this)
            throw new InvalidDataException($"'{folder}' holds a run with other options or queries (found {found?.Settings}; expected {Settings}): choose another folder, or delete this one");
    }

    /// <summary>Rounds, ablations, controls and stop rules may change between two runs of a folder: they only add files.</summary>
    private static string Describe(LoopOptions o) => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {o.Seed}, {o.Samples} samples at {o.SampleTemperature}/{o.SampleTopP}, evaluation at {o.EvaluationTemperature}/{o.EvaluationTopP}, {Describe(o.Pairs)}, text {o.UseText}, video {o.UseVideo}, videos {o.VideoQueries}/{o.EvaluationVideos}x{o.ClipsPerQuery}, {o.Video}, chunks of {o.ChunkSize}, {o.KeptClips} clips kept{(o.LazyRewards ? ", lazy" : "")}");

    private static string Describe(PairOptions p) => string.Create(
        CultureInfo.InvariantCulture,
        $"gap {p.Gap} {p.Dominance} {p.Selection} floor {p.ScoreFloor} [{string.Join(' ', p.DimensionFloors.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}"))}] words {p.MaxWords} one {p.OnePerQuery}");
}

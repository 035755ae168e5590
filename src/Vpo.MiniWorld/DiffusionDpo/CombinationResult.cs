using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Statistics;
using Vpo.Storage;

namespace Vpo.MiniWorld;

/// <summary>One of the four: generator plain or trained by Diffusion-DPO, queries plain or optimized by VPO.</summary>
/// <param name="Method">Its name.</param>
/// <param name="VideoReward">Mean reward on held-out queries with a 95 % interval.</param>
/// <param name="Detailed">Share of yes among the checklist's questions about what was asked.</param>
public sealed record CombinationRow(string Method, Estimate VideoReward, double Detailed);

/// <summary>The table of a <see cref="Combination"/>.</summary>
/// <param name="Rows">The four methods.</param>
/// <param name="Differences">What Diffusion-DPO adds without and with VPO, what VPO adds without and with Diffusion-DPO.</param>
public sealed record CombinationResult(IReadOnlyList<CombinationRow> Rows, IReadOnlyList<MethodDifference> Differences)
{
    /// <summary>Means over runs of different seeds, with Student's t intervals.</summary>
    /// <param name="runs">At least one.</param>
    public static CombinationResult Join(IReadOnlyList<CombinationResult> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return new(
            [.. runs.SelectMany(run => run.Rows).GroupBy(row => row.Method).Select(group => new CombinationRow(
                group.Key, SeedInterval.Mean([.. group.Select(row => row.VideoReward.Value)]), group.Average(row => row.Detailed)))],
            [.. runs.SelectMany(run => run.Differences).GroupBy(d => (d.From, d.To)).Select(group => new MethodDifference(
                group.Key.From, group.Key.To, SeedInterval.Mean([.. group.Select(d => d.Difference.Value)])))]);
    }

    /// <summary>Writes it as JSON.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, CombinationJson.Readable) + "\n");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CombinationResult))]
internal sealed partial class CombinationJson : JsonSerializerContext
{
    internal static System.Text.Json.Serialization.Metadata.JsonTypeInfo<CombinationResult> Readable =>
        new CombinationJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).CombinationResult;
}

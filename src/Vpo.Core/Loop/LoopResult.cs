using System.Text.Json;
using Vpo.Statistics;
using Vpo.Storage;

namespace Vpo;

/// <summary>The outcome of a run: what results.json holds.</summary>
public sealed record LoopResult
{
    /// <summary>The table, in the order in which the methods were run.</summary>
    public required IReadOnlyList<EvaluationRow> Rows { get; init; }

    /// <summary>The same prompts on the second video model; empty without one.</summary>
    public IReadOnlyList<EvaluationRow> TransferRows { get; init; } = [];

    /// <summary>Differences in video reward between methods, query by query.</summary>
    public IReadOnlyList<MethodDifference> Differences { get; init; } = [];

    /// <summary>The training curve of each lesson by its name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<LearningPoint>> Curves { get; init; } = new Dictionary<string, IReadOnlyList<LearningPoint>>();

    /// <summary>Each lesson's model folder by its name.</summary>
    public IReadOnlyDictionary<string, string> ModelFolders { get; init; } = new Dictionary<string, string>();

    /// <summary>How many text-level and video-level pairs each round gave, by the round's name.</summary>
    public IReadOnlyDictionary<string, PairCounts> Pairs { get; init; } = new Dictionary<string, PairCounts>();

    /// <summary>The kept clips: the same queries and seeds for every method.</summary>
    public IReadOnlyList<KeptClip> Clips { get; init; } = [];

    /// <summary>The trained method to use: of SFT and the rounds that no safety stop rule rejected, the one with the highest video reward.</summary>
    public required string BestMethod { get; init; }

    /// <summary>Why it ended before all rounds; null when it did not.</summary>
    public string? StopReason { get; init; }

    /// <summary>The run's seed.</summary>
    public long Seed { get; init; }

    /// <summary>Writes results.json, whole or not at all.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, VpoJson.Readable.LoopResult));

    /// <summary>Reads results.json.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static LoopResult Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), VpoJson.Readable.LoopResult) ?? throw new JsonException("found null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: expected the results of a run as JSON, found something else: {e.Message}", e);
        }
    }
}

/// <summary>How much higher one method's video reward is than another's, with a 95 % interval (paired bootstrap over queries that both have scores for).</summary>
/// <param name="From">The method that is subtracted.</param>
/// <param name="To">The other.</param>
/// <param name="Difference">The mean difference.</param>
public sealed record MethodDifference(string From, string To, Estimate Difference);

/// <summary>How many pairs a round gave.</summary>
/// <param name="Text">Text-level.</param>
/// <param name="Video">Video-level.</param>
/// <param name="Merged">In training, after merging.</param>
public sealed record PairCounts(int Text, int Video, int Merged);

/// <summary>A clip that was kept to look at.</summary>
/// <param name="Method">Whose prompt.</param>
/// <param name="Query">The user's words.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Score">The video's score; null when it could not be scored.</param>
/// <param name="File">An animated PNG, relative to the run folder.</param>
public sealed record KeptClip(string Method, string Query, string Prompt, double? Score, string File);

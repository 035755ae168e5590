using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Vpo.Curation;

/// <summary>How queries are curated. Everything but <see cref="Workers"/> is part of what determines the outcome.</summary>
public sealed record CurationOptions
{
    /// <summary>Rules about a single query.</summary>
    public QueryRules Rules { get; init; } = new();

    /// <summary>
    /// A query goes when BLEU-4 with one that comes before it and was kept reaches this, in one of the two directions; above 0 up to 1, default 0.7. Before means: by the hash of the text, so the
    /// order of the input says nothing. Two queries that share hardly more than their options (half the words of the shorter wish at least) are not near. It is at once the bound on pairwise self-BLEU that keeps a set diverse: lower is more diverse. In the released queries 1.2 % exceed 0.7, 4.2 % exceed 0.5.
    /// </summary>
    public double MaxSimilarity { get; init; } = 0.7;

    /// <summary>A query asks for something harmful when the highest of its labels is at least this, from 0 to 1; default 0.5.</summary>
    public double HarmThreshold { get; init; } = 0.5;

    /// <summary>Most harmless queries to take, chosen by seed; null: all. The paper has about 18,000.</summary>
    public int? General { get; init; }

    /// <summary>Most harmful queries to take, chosen by seed; null: all. The paper has about 2,000.</summary>
    public int? Harmful { get; init; }

    /// <summary>Share of each kind that goes to the SFT set, from 0 to 1; the rest goes to the DPO set. Default one half, as in the paper.</summary>
    public double SftShare { get; init; } = 0.5;

    /// <summary>Of choosing and splitting.</summary>
    public long Seed { get; init; }

    /// <summary>Queries that may stand in the report for each rule; default 5.</summary>
    public int Examples { get; init; } = 5;

    /// <summary>Threads; at least 1. Says nothing about the outcome.</summary>
    [JsonIgnore]
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Reads options from JSON (snake_case); what it leaves out has its default.</summary>
    /// <exception cref="InvalidDataException">Not JSON, an unknown name, or a value out of range; the message says which.</exception>
    public static CurationOptions Read(string path)
    {
        try
        {
            var given = JsonNode.Parse(File.ReadAllBytes(path), documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) as JsonObject
                ?? throw new InvalidDataException($"'{path}': expected an object with curation options, found something else.");
            // A generated serializer would set what is left out to zero.
            var all = JsonNode.Parse(new CurationOptions().ToJson())!.AsObject();
            Put(given, all);
            var options = all.Deserialize(CurationJson.Readable.CurationOptions)!;
            options.Check();
            return options;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}': {e.Message}", e);
        }
    }

    private static void Put(JsonObject given, JsonObject into)
    {
        foreach (var (name, value) in given)
        {
            if (value is JsonObject inner && into[name] is JsonObject target)
                Put(inner, target);
            else
                into[name] = value?.DeepClone();
        }
    }

    /// <summary>As JSON, in the form that <see cref="Read"/> takes.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CurationJson.Readable.CurationOptions);

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSimilarity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxSimilarity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(SftShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SftShare, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
    }
}

using Vpo.Models.Checkpoints;

namespace Vpo.Video.CogVideoX;

/// <summary>The numbers of a T5 v1.1 encoder; names in comments are those of transformers' config.json. The defaults are T5-XXL's.</summary>
public sealed record T5Config
{
    private const int MaxWidth = 1 << 20;

    /// <summary>vocab_size.</summary>
    public long VocabularySize { get; init; } = 32128;

    /// <summary>d_model.</summary>
    public long Width { get; init; } = 4096;

    /// <summary>d_kv: size of a head.</summary>
    public long HeadDim { get; init; } = 64;

    /// <summary>d_ff: width of the gated feed-forward network.</summary>
    public long FeedForwardWidth { get; init; } = 10240;

    /// <summary>num_layers.</summary>
    public int Layers { get; init; } = 24;

    /// <summary>num_heads.</summary>
    public long Heads { get; init; } = 64;

    /// <summary>relative_attention_num_buckets; even.</summary>
    public int Buckets { get; init; } = 32;

    /// <summary>relative_attention_max_distance: farther tokens share the last bucket.</summary>
    public int MaxDistance { get; init; } = 128;

    /// <summary>layer_norm_epsilon.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>pad_token_id.</summary>
    public int PadId { get; init; }

    /// <summary>eos_token_id.</summary>
    public int EosId { get; init; } = 1;

    /// <summary>Reads a config.json.</summary>
    /// <exception cref="CheckpointException">A key is missing or wrong, or asks for what is not supported; the message names it.</exception>
    public static T5Config Open(string path) => Read(ConfigReader.Open(path));

    internal static T5Config Read(ConfigReader json)
    {
        TransformerConfig.Expect(json, "model_type", "t5");
        if (json.Text("feed_forward_proj") is var kind && kind != "gated-gelu")
            throw new CheckpointException($"'{json.Location}': feed_forward_proj '{kind ?? "relu"}' is not supported; expected 'gated-gelu' (T5 v1.1).");
        TransformerConfig.Expect(json, "dense_act_fn", "gelu_new");
        return new T5Config
        {
            VocabularySize = json.Integer("vocab_size"),
            Width = json.Integer("d_model", max: MaxWidth),
            HeadDim = json.Integer("d_kv", max: MaxWidth),
            FeedForwardWidth = json.Integer("d_ff", max: MaxWidth),
            Layers = (int)json.Integer("num_layers", max: 1024),
            Heads = json.Integer("num_heads", max: MaxWidth),
            Buckets = (int)json.Integer("relative_attention_num_buckets", 32, min: 4, max: 4096),
            MaxDistance = (int)json.Integer("relative_attention_max_distance", 128, min: 2, max: 1 << 20),
            NormEpsilon = json.Number("layer_norm_epsilon", 1e-6),
            PadId = (int)json.Integer("pad_token_id", 0, min: 0),
            EosId = (int)json.Integer("eos_token_id", 1, min: 0),
        }.Checked(json.Location);
    }

    /// <summary>Throws when numbers do not fit together.</summary>
    internal T5Config Checked(string location) => Buckets % 2 == 0 && MaxDistance > Buckets / 4
        ? this
        : throw new CheckpointException($"'{location}': {Buckets} buckets must be even, and max_distance ({MaxDistance}) greater than a quarter of them.");
}

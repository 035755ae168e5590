using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>The numbers of a LLaMA-architecture model; names in comments are those of Hugging Face's config.json.</summary>
public sealed record LlamaConfig
{
    private const int MaxLayers = 1024, MaxWidth = 1 << 20;

    /// <summary>hidden_size.</summary>
    public required long HiddenSize { get; init; }

    /// <summary>intermediate_size: width of the gated MLP.</summary>
    public required long IntermediateSize { get; init; }

    /// <summary>num_hidden_layers.</summary>
    public required int Layers { get; init; }

    /// <summary>num_attention_heads.</summary>
    public required long Heads { get; init; }

    /// <summary>num_key_value_heads; divides <see cref="Heads"/>.</summary>
    public required long KeyValueHeads { get; init; }

    /// <summary>head_dim; even. Where config.json has none: hidden_size / num_attention_heads.</summary>
    public required long HeadDim { get; init; }

    /// <summary>vocab_size.</summary>
    public required long VocabularySize { get; init; }

    /// <summary>rms_norm_eps.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>rope_theta: θ of the rotary frequencies θ^(−2i/d).</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>rope_scaling or rope_parameters.</summary>
    public RopeScaling Rope { get; init; } = new RopeScaling.None();

    /// <summary>max_position_embeddings: the context length, in tokens.</summary>
    public long MaxPositions { get; init; } = 2048;

    /// <summary>tie_word_embeddings: the head is the embedding table.</summary>
    public bool TiedHead { get; init; }

    /// <summary>attention_bias: biases on q, k, v and o.</summary>
    public bool AttentionBias { get; init; }

    /// <summary>mlp_bias: biases on gate, up and down.</summary>
    public bool MlpBias { get; init; }

    /// <summary>initializer_range: spread of a random start.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>bos_token_id.</summary>
    public int? BosId { get; init; }

    /// <summary>eos_token_id: one or several; empty when the file names none.</summary>
    public IReadOnlyList<int> EosIds { get; init; } = [];

    /// <summary>pad_token_id. Never used to build a mask: it may equal a stop id.</summary>
    public int? PadId { get; init; }

    /// <summary>torch_dtype or dtype: the type in which the weights were published.</summary>
    public ScalarType Type { get; init; } = ScalarType.Float32;

    /// <summary>Reads a config.json in its old or its new spelling.</summary>
    /// <exception cref="CheckpointException">A key is missing or wrong, or asks for what is not supported; the message names it.</exception>
    public static LlamaConfig Open(string path) => Read(ConfigReader.Open(path));

    internal static LlamaConfig Read(ConfigReader json)
    {
        RefuseOthers(json);
        var heads = json.Integer("num_attention_heads", max: MaxWidth);
        var hidden = json.Integer("hidden_size", max: MaxWidth);
        var rope = json.Section("rope_parameters") ?? json.Section("rope_scaling");
        var config = new LlamaConfig
        {
            HiddenSize = hidden,
            IntermediateSize = json.Integer("intermediate_size", max: MaxWidth),
            Layers = (int)json.Integer("num_hidden_layers", max: MaxLayers),
            Heads = heads,
            KeyValueHeads = json.Integer("num_key_value_heads", heads, max: MaxWidth),
            HeadDim = json.Integer("head_dim", hidden / heads, max: MaxWidth),
            VocabularySize = json.Integer("vocab_size"),
            NormEpsilon = json.Number("rms_norm_eps", 1e-6),
            RopeTheta = rope?.Has("rope_theta") == true ? rope.Number("rope_theta") : json.Number("rope_theta", 10000),
            Rope = RopeScaling.Read(rope),
            MaxPositions = json.Integer("max_position_embeddings", 2048),
            TiedHead = json.Flag("tie_word_embeddings", false),
            AttentionBias = json.Flag("attention_bias", false),
            MlpBias = json.Flag("mlp_bias", false),
            InitializerRange = json.Number("initializer_range", 0.02),
            BosId = json.Ids("bos_token_id") is [var bos, ..] ? bos : null,
            EosIds = json.Ids("eos_token_id"),
            PadId = json.Ids("pad_token_id") is [var pad, ..] ? pad : null,
            Type = TypeOf(json.Text("dtype") ?? json.Text("torch_dtype"), json.Location),
        };
        return config.Checked(json.Location);
    }

    /// <summary>Throws when numbers do not fit together.</summary>
    internal LlamaConfig Checked(string location)
    {
        if (Heads % KeyValueHeads != 0)
            throw new CheckpointException($"'{location}': {Heads} attention heads can't share {KeyValueHeads} key-value heads; the first must be a multiple of the second.");
        if (HeadDim < 2 || HeadDim % 2 != 0)
            throw new CheckpointException($"'{location}': head_dim must be even for rotary positions, it is {HeadDim}.");
        if (RopeTheta <= 0)
            throw new CheckpointException($"'{location}': rope_theta must be above 0, it is {RopeTheta}.");
        return this;
    }

    private static void RefuseOthers(ConfigReader json)
    {
        if (json.Text("model_type") is { } model && model != "llama")
            throw new CheckpointException($"'{json.Location}': model_type '{model}' is not supported here; expected 'llama'.");
        if (json.Text("hidden_act") is { } activation && activation != "silu")
            throw new CheckpointException($"'{json.Location}': hidden_act '{activation}' is not supported; expected 'silu'.");
        if (json.Section("quantization_config") is not null)
            throw new CheckpointException($"'{json.Location}': quantised checkpoints (quantization_config) are not supported; take the original one or a GGUF file.");
    }

    private static ScalarType TypeOf(string? name, string location) => name?.Replace("torch.", "", StringComparison.Ordinal) switch
    {
        null or "float32" or "auto" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        "float16" => ScalarType.Float16,
        "float64" => ScalarType.Float64,
        _ => throw new CheckpointException($"'{location}': dtype '{name}' is not supported; expected float32, bfloat16, float16 or float64."),
    };
}

using Vpo.Models.Checkpoints;

namespace Vpo.Video.CogVideoX;

/// <summary>The numbers of a CogVideoX transformer; names in comments are those of diffusers' transformer/config.json.</summary>
public sealed record TransformerConfig
{
    private const int MaxLayers = 1024, MaxWidth = 1 << 20;

    /// <summary>num_attention_heads.</summary>
    public required long Heads { get; init; }

    /// <summary>attention_head_dim; a multiple of 16 where positions are rotary.</summary>
    public required long HeadDim { get; init; }

    /// <summary>num_layers.</summary>
    public required int Layers { get; init; }

    /// <summary>in_channels: of the latents, plus as many again for an image condition.</summary>
    public long InChannels { get; init; } = 16;

    /// <summary>out_channels: of the latents.</summary>
    public long OutChannels { get; init; } = 16;

    /// <summary>time_embed_dim: width of the conditioning vector that shifts, scales and gates every block.</summary>
    public long TimeWidth { get; init; } = 512;

    /// <summary>text_embed_dim: width of the text encoder's output.</summary>
    public long TextWidth { get; init; } = 4096;

    /// <summary>max_text_seq_length, in tokens.</summary>
    public long MaxTextLength { get; init; } = 226;

    /// <summary>patch_size: latent pixels a token covers, down and across.</summary>
    public long Patch { get; init; } = 2;

    /// <summary>patch_size_t: latent frames a token covers; null for the 1.0 models, whose patches are a convolution.</summary>
    public long? FramePatch { get; init; }

    /// <summary>patch_bias. The linear patches of the 1.5 models have a bias whatever it says.</summary>
    public bool PatchBias { get; init; } = true;

    /// <summary>sample_height: latent pixels down at the size the model was trained for.</summary>
    public long SampleHeight { get; init; } = 60;

    /// <summary>sample_width: latent pixels across.</summary>
    public long SampleWidth { get; init; } = 90;

    /// <summary>sample_frames: video frames.</summary>
    public long SampleFrames { get; init; } = 49;

    /// <summary>temporal_compression_ratio: video frames per latent frame.</summary>
    public long FramesPerLatent { get; init; } = 4;

    /// <summary>use_rotary_positional_embeddings: 5B and 1.5; without it a sine-cosine table is added (2B).</summary>
    public bool Rotary { get; init; }

    /// <summary>use_learned_positional_embeddings: 5B image-to-video; then the size of the video is fixed.</summary>
    public bool LearnedPositions { get; init; }

    /// <summary>ofs_embed_dim: equal to <see cref="TimeWidth"/> in 1.5 image-to-video, else null.</summary>
    public long? OfsWidth { get; init; }

    /// <summary>attention_bias: biases on q, k and v.</summary>
    public bool AttentionBias { get; init; } = true;

    /// <summary>norm_eps of the norms of the blocks.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>spatial_interpolation_scale: divides rows and columns in the sine-cosine table.</summary>
    public double SpatialScale { get; init; } = 1.875;

    /// <summary>temporal_interpolation_scale: divides frames in the sine-cosine table.</summary>
    public double TemporalScale { get; init; } = 1;

    /// <summary>flip_sin_to_cos: the timestep's embedding is [cos, sin] and not [sin, cos].</summary>
    public bool CosineFirst { get; init; } = true;

    /// <summary>freq_shift of the timestep's embedding.</summary>
    public double FrequencyShift { get; init; }

    /// <summary>Width of a token: heads · head size.</summary>
    public long Width => Heads * HeadDim;

    /// <summary>Latent frames at the size the model was trained for.</summary>
    public long SampleLatentFrames => (SampleFrames - 1) / FramesPerLatent + 1;

    /// <summary>Reads a config.json of diffusers.</summary>
    /// <exception cref="CheckpointException">A key is missing or wrong, or asks for what is not supported; the message names it.</exception>
    public static TransformerConfig Open(string path) => Read(ConfigReader.Open(path));

    internal static TransformerConfig Read(ConfigReader json)
    {
        RefuseOthers(json);
        return new TransformerConfig
        {
            Heads = json.Integer("num_attention_heads", 30, max: MaxWidth),
            HeadDim = json.Integer("attention_head_dim", 64, max: MaxWidth),
            Layers = (int)json.Integer("num_layers", 30, max: MaxLayers),
            InChannels = json.Integer("in_channels", 16),
            OutChannels = json.Integer("out_channels", 16),
            TimeWidth = json.Integer("time_embed_dim", 512, max: MaxWidth),
            TextWidth = json.Integer("text_embed_dim", 4096, max: MaxWidth),
            MaxTextLength = json.Integer("max_text_seq_length", 226),
            Patch = json.Integer("patch_size", 2, max: 64),
            FramePatch = json.Has("patch_size_t") ? json.Integer("patch_size_t", max: 64) : null,
            PatchBias = json.Flag("patch_bias", true),
            SampleHeight = json.Integer("sample_height", 60),
            SampleWidth = json.Integer("sample_width", 90),
            SampleFrames = json.Integer("sample_frames", 49),
            FramesPerLatent = json.Integer("temporal_compression_ratio", 4),
            Rotary = json.Flag("use_rotary_positional_embeddings", false),
            LearnedPositions = json.Flag("use_learned_positional_embeddings", false),
            OfsWidth = json.Has("ofs_embed_dim") ? json.Integer("ofs_embed_dim", max: MaxWidth) : null,
            AttentionBias = json.Flag("attention_bias", true),
            NormEpsilon = json.Number("norm_eps", 1e-5),
            SpatialScale = json.Number("spatial_interpolation_scale", 1.875),
            TemporalScale = json.Number("temporal_interpolation_scale", 1),
            CosineFirst = json.Flag("flip_sin_to_cos", true),
            FrequencyShift = json.Number("freq_shift", 0),
        }.Checked(json.Location);
    }

    /// <summary>Throws when numbers do not fit together.</summary>
    internal TransformerConfig Checked(string location)
    {
        string? wrong = Width % 16 != 0 ? $"heads x head size must be a multiple of 16, it is {Width}"
            : Rotary && HeadDim % 16 != 0 ? $"attention_head_dim must be a multiple of 16 for rotary positions, it is {HeadDim}"
            : LearnedPositions && !Rotary ? "use_learned_positional_embeddings needs use_rotary_positional_embeddings"
            : FramePatch is not null && !Rotary ? "patch_size_t needs use_rotary_positional_embeddings"
            : OfsWidth is { } ofs && ofs != TimeWidth ? $"ofs_embed_dim ({ofs}) must equal time_embed_dim ({TimeWidth})"
            : null;
        return wrong is null ? this : throw new CheckpointException($"'{location}': {wrong}.");
    }

    private static void RefuseOthers(ConfigReader json)
    {
        Expect(json, "_class_name", "CogVideoXTransformer3DModel");
        Expect(json, "activation_fn", "gelu-approximate");
        Expect(json, "timestep_activation_fn", "silu");
        if (!json.Flag("norm_elementwise_affine", true))
            throw new CheckpointException($"'{json.Location}': norm_elementwise_affine false is not supported; expected true.");
    }

    internal static void Expect(ConfigReader json, string key, string only)
    {
        if (json.Text(key) is { } found && found != only)
            throw new CheckpointException($"'{json.Location}': {key} '{found}' is not supported; expected '{only}'.");
    }
}

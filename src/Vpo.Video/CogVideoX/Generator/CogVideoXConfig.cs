using System.Text.Json.Nodes;
using Vpo.Storage;

namespace Vpo.Video.CogVideoX;

/// <summary>The numbers of a whole pipeline. The defaults are CogVideoX-2B's.</summary>
public sealed record CogVideoXConfig
{
    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Of the denoiser.</summary>
    public TransformerConfig Transformer { get; init; } = new() { Heads = 30, HeadDim = 64, Layers = 30 };

    /// <summary>Of the autoencoder.</summary>
    public AutoencoderConfig Autoencoder { get; init; } = new();

    /// <summary>Of the text encoder.</summary>
    public T5Config TextEncoder { get; init; } = new();

    /// <summary>Of the noise.</summary>
    public NoiseScheduleConfig Schedule { get; init; } = new();

    /// <summary>Writes model_index.json and the parts' config files as diffusers spells them; weights and tokenizer are left to the caller.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="tokenizerClass">The class of transformers that opens the tokenizer's folder.</param>
    public void Write(string folder, string tokenizerClass = "T5Tokenizer")
    {
        Save(folder, "model_index.json", new()
        {
            ["_class_name"] = Transformer.InChannels > Autoencoder.LatentChannels ? "CogVideoXImageToVideoPipeline" : "CogVideoXPipeline",
            ["scheduler"] = Pair("diffusers", ClassOf(Schedule.Sampler)),
            ["text_encoder"] = Pair("transformers", "T5EncoderModel"),
            ["tokenizer"] = Pair("transformers", tokenizerClass),
            ["transformer"] = Pair("diffusers", "CogVideoXTransformer3DModel"),
            ["vae"] = Pair("diffusers", "AutoencoderKLCogVideoX"),
        });
        Save(folder, "transformer/config.json", Json(Transformer));
        Save(folder, "vae/config.json", Json(Autoencoder));
        Save(folder, "text_encoder/config.json", Json(TextEncoder));
        Save(folder, "scheduler/scheduler_config.json", Json(Schedule));
    }

    /// <summary>All of it on one line.</summary>
    internal string Description => string.Join(' ', new[] { Json(Transformer), Json(Autoencoder), Json(TextEncoder), Json(Schedule) }.Select(part => part.ToJsonString()));

    private static JsonObject Json(TransformerConfig config) => new()
    {
        ["_class_name"] = "CogVideoXTransformer3DModel",
        ["num_attention_heads"] = config.Heads,
        ["attention_head_dim"] = config.HeadDim,
        ["num_layers"] = config.Layers,
        ["in_channels"] = config.InChannels,
        ["out_channels"] = config.OutChannels,
        ["time_embed_dim"] = config.TimeWidth,
        ["text_embed_dim"] = config.TextWidth,
        ["max_text_seq_length"] = config.MaxTextLength,
        ["patch_size"] = config.Patch,
        ["patch_size_t"] = config.FramePatch,
        ["patch_bias"] = config.PatchBias,
        ["sample_height"] = config.SampleHeight,
        ["sample_width"] = config.SampleWidth,
        ["sample_frames"] = config.SampleFrames,
        ["temporal_compression_ratio"] = config.FramesPerLatent,
        ["spatial_interpolation_scale"] = config.SpatialScale,
        ["temporal_interpolation_scale"] = config.TemporalScale,
        ["activation_fn"] = "gelu-approximate",
        ["timestep_activation_fn"] = "silu",
        ["attention_bias"] = config.AttentionBias,
        ["norm_eps"] = config.NormEpsilon,
        ["flip_sin_to_cos"] = config.CosineFirst,
        ["freq_shift"] = config.FrequencyShift,
        ["ofs_embed_dim"] = config.OfsWidth,
        ["use_rotary_positional_embeddings"] = config.Rotary,
        ["use_learned_positional_embeddings"] = config.LearnedPositions,
    };

    private static JsonObject Json(AutoencoderConfig config) => new()
    {
        ["_class_name"] = "AutoencoderKLCogVideoX",
        ["in_channels"] = config.Channels,
        ["out_channels"] = config.Channels,
        ["latent_channels"] = config.LatentChannels,
        ["block_out_channels"] = new JsonArray([.. config.Widths.Select(width => JsonValue.Create(width))]),
        ["down_block_types"] = new JsonArray([.. config.Widths.Select(_ => JsonValue.Create("CogVideoXDownBlock3D"))]),
        ["up_block_types"] = new JsonArray([.. config.Widths.Select(_ => JsonValue.Create("CogVideoXUpBlock3D"))]),
        ["layers_per_block"] = config.LayersPerBlock,
        ["norm_num_groups"] = config.Groups,
        ["norm_eps"] = config.NormEpsilon,
        ["act_fn"] = "silu",
        ["temporal_compression_ratio"] = config.FramesPerLatent,
        ["sample_height"] = config.SampleHeight,
        ["sample_width"] = config.SampleWidth,
        ["scaling_factor"] = config.ScalingFactor,
        ["invert_scale_latents"] = config.InvertScale,
        ["use_quant_conv"] = config.QuantConvolution,
        ["use_post_quant_conv"] = config.PostQuantConvolution,
    };

    private static JsonObject Json(T5Config config) => new()
    {
        ["architectures"] = new JsonArray("T5EncoderModel"),
        ["model_type"] = "t5",
        ["feed_forward_proj"] = "gated-gelu",
        ["dense_act_fn"] = "gelu_new",
        ["vocab_size"] = config.VocabularySize,
        ["d_model"] = config.Width,
        ["d_kv"] = config.HeadDim,
        ["d_ff"] = config.FeedForwardWidth,
        ["num_layers"] = config.Layers,
        ["num_heads"] = config.Heads,
        ["relative_attention_num_buckets"] = config.Buckets,
        ["relative_attention_max_distance"] = config.MaxDistance,
        ["layer_norm_epsilon"] = config.NormEpsilon,
        ["pad_token_id"] = config.PadId,
        ["eos_token_id"] = config.EosId,
    };

    private static JsonObject Json(NoiseScheduleConfig config) => new()
    {
        ["_class_name"] = ClassOf(config.Sampler),
        ["num_train_timesteps"] = config.TrainTimesteps,
        ["beta_start"] = config.BetaStart,
        ["beta_end"] = config.BetaEnd,
        ["beta_schedule"] = config.ScaledLinear ? "scaled_linear" : "linear",
        ["clip_sample"] = false,
        ["prediction_type"] = "v_prediction",
        ["rescale_betas_zero_snr"] = config.ZeroTerminalSnr,
        ["set_alpha_to_one"] = config.EndsClean,
        ["snr_shift_scale"] = config.SnrShift,
        ["steps_offset"] = config.StepsOffset,
        ["timestep_spacing"] = config.Spacing.ToString().ToLowerInvariant(),
    };

    private static string ClassOf(SamplerKind sampler) => sampler == SamplerKind.Dpm ? "CogVideoXDPMScheduler" : "CogVideoXDDIMScheduler";

    private static JsonArray Pair(string library, string type) => new(library, type);

    private static void Save(string folder, string name, JsonObject json) =>
        AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(Indented) + "\n")));
}

using System.Text.Json.Nodes;
using Vpo.Models.Tokenizers;
using Vpo.Storage;
using Vpo.Video.CogVideoX;

namespace Vpo.MiniWorld;

/// <summary>Writes the config files of a generator in diffusers' spelling.</summary>
internal static class GeneratorConfigs
{
    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string folder, GeneratorRecipe recipe, double scaling)
    {
        Save(folder, "model_index.json", new()
        {
            ["_class_name"] = "CogVideoXPipeline",
            ["scheduler"] = Pair("diffusers", "CogVideoXDDIMScheduler"),
            ["text_encoder"] = Pair("transformers", "T5EncoderModel"),
            ["tokenizer"] = Pair("transformers", "PreTrainedTokenizerFast"),
            ["transformer"] = Pair("diffusers", "CogVideoXTransformer3DModel"),
            ["vae"] = Pair("diffusers", "AutoencoderKLCogVideoX"),
        });
        Save(folder, "transformer/config.json", Transformer(recipe.Transformer()));
        Save(folder, "vae/config.json", Autoencoder(GeneratorRecipe.Autoencoder(scaling)));
        Save(folder, "text_encoder/config.json", TextEncoder(GeneratorRecipe.TextEncoder()));
        Save(folder, "scheduler/scheduler_config.json", Schedule(GeneratorRecipe.Noise()));
        TokenizerJson.Write(Path.Combine(folder, "tokenizer", "tokenizer.json"), new WordTokenizer(
            MiniVocabulary.Captions, [MiniVocabulary.Padding, MiniVocabulary.End, MiniVocabulary.Unknown], MiniVocabulary.Unknown));
        Save(folder, "tokenizer/tokenizer_config.json", new()
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["pad_token"] = MiniVocabulary.Padding,
            ["eos_token"] = MiniVocabulary.End,
            ["unk_token"] = MiniVocabulary.Unknown,
            ["model_max_length"] = GeneratorRecipe.TextLength,
        });
    }

    private static JsonObject Transformer(TransformerConfig config) => new()
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
        ["sample_height"] = config.SampleHeight,
        ["sample_width"] = config.SampleWidth,
        ["sample_frames"] = config.SampleFrames,
        ["temporal_compression_ratio"] = config.FramesPerLatent,
        ["spatial_interpolation_scale"] = config.SpatialScale,
        ["temporal_interpolation_scale"] = config.TemporalScale,
        ["activation_fn"] = "gelu-approximate",
        ["timestep_activation_fn"] = "silu",
        ["attention_bias"] = true,
        ["norm_eps"] = config.NormEpsilon,
        ["use_rotary_positional_embeddings"] = false,
    };

    private static JsonObject Autoencoder(AutoencoderConfig config) => new()
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
        ["use_quant_conv"] = false,
        ["use_post_quant_conv"] = false,
    };

    private static JsonObject TextEncoder(T5Config config) => new()
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

    private static JsonObject Schedule(NoiseScheduleConfig config) => new()
    {
        ["_class_name"] = "CogVideoXDDIMScheduler",
        ["num_train_timesteps"] = config.TrainTimesteps,
        ["beta_start"] = config.BetaStart,
        ["beta_end"] = config.BetaEnd,
        ["beta_schedule"] = "scaled_linear",
        ["clip_sample"] = false,
        ["prediction_type"] = "v_prediction",
        ["rescale_betas_zero_snr"] = config.ZeroTerminalSnr,
        ["set_alpha_to_one"] = config.EndsClean,
        ["snr_shift_scale"] = config.SnrShift,
        ["steps_offset"] = config.StepsOffset,
        ["timestep_spacing"] = "trailing",
    };

    private static JsonArray Pair(string library, string type) => new(library, type);

    private static void Save(string folder, string name, JsonObject json) =>
        AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(Indented) + "\n")));
}

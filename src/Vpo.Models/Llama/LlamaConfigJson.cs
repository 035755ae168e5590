using System.Text.Json;
using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>Writes config.json in the spelling that every version of transformers reads.</summary>
internal static class LlamaConfigJson
{
    public static void Write(Utf8JsonWriter json, LlamaConfig config)
    {
        json.WriteStartArray("architectures");
        json.WriteStringValue("LlamaForCausalLM");
        json.WriteEndArray();
        json.WriteString("model_type", "llama");
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("hidden_size", config.HiddenSize);
        json.WriteNumber("intermediate_size", config.IntermediateSize);
        json.WriteNumber("num_hidden_layers", config.Layers);
        json.WriteNumber("num_attention_heads", config.Heads);
        json.WriteNumber("num_key_value_heads", config.KeyValueHeads);
        json.WriteNumber("head_dim", config.HeadDim);
        json.WriteNumber("vocab_size", config.VocabularySize);
        json.WriteNumber("rms_norm_eps", config.NormEpsilon);
        json.WriteNumber("rope_theta", config.RopeTheta);
        WriteScaling(json, config.Rope);
        json.WriteNumber("max_position_embeddings", config.MaxPositions);
        json.WriteBoolean("tie_word_embeddings", config.TiedHead);
        json.WriteBoolean("attention_bias", config.AttentionBias);
        json.WriteBoolean("mlp_bias", config.MlpBias);
        json.WriteNumber("initializer_range", config.InitializerRange);
        json.WriteString("torch_dtype", config.Type switch
        {
            ScalarType.BFloat16 => "bfloat16",
            ScalarType.Float16 => "float16",
            ScalarType.Float64 => "float64",
            _ => "float32",
        });
        WriteIds(json, config);
    }

    public static void WriteIds(Utf8JsonWriter json, LlamaConfig config)
    {
        if (config.BosId is { } bos)
            json.WriteNumber("bos_token_id", bos);
        if (config.PadId is { } pad)
            json.WriteNumber("pad_token_id", pad);
        if (config.EosIds is [var only])
            json.WriteNumber("eos_token_id", only);
        else if (config.EosIds.Count > 1)
        {
            json.WriteStartArray("eos_token_id");
            foreach (var id in config.EosIds)
                json.WriteNumberValue(id);
            json.WriteEndArray();
        }
    }

    private static void WriteScaling(Utf8JsonWriter json, RopeScaling scaling)
    {
        if (scaling is RopeScaling.None)
        {
            json.WriteNull("rope_scaling");
            return;
        }
        json.WriteStartObject("rope_scaling");
        json.WriteString("rope_type", scaling is RopeScaling.Linear ? "linear" : "llama3");
        if (scaling is RopeScaling.Linear linear)
            json.WriteNumber("factor", linear.Factor);
        if (scaling is RopeScaling.Llama3 llama)
        {
            json.WriteNumber("factor", llama.Factor);
            json.WriteNumber("low_freq_factor", llama.LowFrequencyFactor);
            json.WriteNumber("high_freq_factor", llama.HighFrequencyFactor);
            json.WriteNumber("original_max_position_embeddings", llama.OriginalMaxPositions);
        }
        json.WriteEndObject();
    }
}

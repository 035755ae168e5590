using System.Text.Json;
using Vpo.Models.Chat;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tokenizers;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>Writes a model as a Hugging Face folder that transformers and <see cref="LlamaCheckpoint.Open"/> load.</summary>
public static class LlamaFolder
{
    private static readonly string[] TokenizerFiles = ["tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "vpo_template.txt"];

    /// <summary>Writes config.json, generation_config.json and model.safetensors.</summary>
    /// <param name="folder">Is made if it does not exist.</param>
    /// <param name="model">The model.</param>
    /// <param name="type">Type of the weights on disk; null keeps the model's.</param>
    public static void Save(string folder, LlamaModel model, ScalarType? type = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Adapter is not null)
            throw new InvalidOperationException("the model has an adapter: Merge it to save it with the weights, or Save the adapter and dispose it.");
        var stored = type ?? model.EmbeddingWeight.dtype;
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"),
            model.named_parameters().Select(p => KeyValuePair.Create(p.name, p.parameter.detach().to(stored))),
            new Dictionary<string, string> { ["format"] = "pt" });
        WriteJson(folder, "config.json", json => LlamaConfigJson.Write(json, model.Config with { Type = stored }));
        WriteJson(folder, "generation_config.json", json => LlamaConfigJson.WriteIds(json, model.Config));
    }

    /// <summary>Writes the tokenizer of a small model of words, with its template.</summary>
    public static void SaveTokenizer(string folder, WordTokenizer tokenizer, ChatTemplate.Plain template, string end)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(template);
        TokenizerJson.Write(Path.Combine(folder, "tokenizer.json"), tokenizer);
        WriteJson(folder, "tokenizer_config.json", json =>
        {
            json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
            json.WriteString("bos_token", template.Begin);
            json.WriteString("eos_token", end);
            json.WriteString("unk_token", tokenizer.Unknown);
            json.WriteBoolean("clean_up_tokenization_spaces", false);
            json.WriteString("chat_template", template.ToJinja());
        });
    }

    /// <summary>Copies tokenizer, chat template and instruction template from another model's folder.</summary>
    public static void CopyTokenizer(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var name in TokenizerFiles.Where(name => File.Exists(Path.Combine(from, name))))
            File.Copy(Path.Combine(from, name), Path.Combine(to, name), overwrite: true);
    }

    private static void WriteJson(string folder, string name, Action<Utf8JsonWriter> write) => AtomicFile.Write(Path.Combine(folder, name), stream =>
    {
        using var json = new Utf8JsonWriter(stream, new() { Indented = true });
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    });
}

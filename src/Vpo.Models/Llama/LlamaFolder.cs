using System.Text.Encodings.Web;
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

    /// <summary>Gives a folder the tokenizer, chat template and instruction template of another model: files are copied, what lies inside a GGUF file is written out.</summary>
    /// <param name="from">A Hugging Face folder or a .gguf file.</param>
    /// <param name="to">Is made if it does not exist.</param>
    /// <exception cref="CheckpointException">The GGUF file is damaged, or its tokenizer is not supported.</exception>
    public static void CopyTokenizer(string from, string to)
    {
        Directory.CreateDirectory(to);
        if (TokenizerFiles.Any(name => File.Exists(Path.Combine(from, name))))
        {
            foreach (var name in TokenizerFiles.Where(name => File.Exists(Path.Combine(from, name))))
                File.Copy(Path.Combine(from, name), Path.Combine(to, name), overwrite: true);
            return;
        }
        using var checkpoint = LlamaCheckpoint.Open(from);
        WriteTokenizer(to, checkpoint);
    }

    private static void WriteTokenizer(string folder, LlamaCheckpoint from)
    {
        var names = from.Tokenizer.SpecialTokens.ToDictionary(t => t.Value, t => t.Key);
        string? Named(int? id) => id is { } known ? names.GetValueOrDefault(known) : null;
        var begin = Named(from.Config.BosId);
        TokenizerJson.Write(Path.Combine(folder, "tokenizer.json"), from.Tokenizer, from.BeginsTexts ? begin : null);
        WriteJson(folder, "tokenizer_config.json", json =>
        {
            json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
            foreach (var (key, token) in new[] { ("bos_token", begin), ("eos_token", Named(from.Config.EosIds.Cast<int?>().FirstOrDefault())), ("pad_token", Named(from.Config.PadId)) })
            {
                if (token is not null)
                    json.WriteString(key, token);
            }
            json.WriteNumber("model_max_length", from.Config.MaxPositions);
            json.WriteBoolean("clean_up_tokenization_spaces", false);
            if (from.TemplateText is { } template)
                json.WriteString("chat_template", template);
        });
    }

    private static void WriteJson(string folder, string name, Action<Utf8JsonWriter> write) => AtomicFile.Write(Path.Combine(folder, name), stream =>
    {
        using var json = new Utf8JsonWriter(stream, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    });
}

using Vpo.Models.Chat;
using Vpo.Models.Checkpoints;
using Vpo.Models.Gguf;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Tests.Optimization;
using Vpo.Models.Tokenizers;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Robustness;

/// <summary>Damaged files of every format of language models: see <see cref="FileFormat.Damage"/>.</summary>
public sealed class DamagedFilesTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-formats-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static readonly Lazy<LlamaModel> LoraBase = new(() =>
    {
        using var checkpoint = LlamaCheckpoint.Open(Golden("lora/plain_qv/model"));
        return checkpoint.Load();
    });

    private static readonly Dictionary<string, Func<string, FileFormat>> Formats = new()
    {
        ["safetensors"] = _ => new(Golden("lora/plain_qv/adapter/adapter_model.safetensors"), ReadAll),
        ["shards"] = _ => new(Golden("llama/sharded/model/model.safetensors.index.json"), LoadFolder, 1 << 20, NeedsFolder: true),
        ["config"] = _ => new(Golden("llama/llama3_rope_tied/model/config.json"), path => LlamaConfig.Open(path)),
        ["generation_config"] = _ => new(Golden("llama/sharded/model/generation_config.json"), LoadFolder, NeedsFolder: true),
        ["tokenizer_json"] = _ => new(Golden("bpe_tokenizer/plain/model/tokenizer.json"), path => Assert.NotNull(TokenizerJson.Open(path).Encode("a cat, 12 dogs")), 1 << 20),
        ["tokenizer_json_words"] = folder => new(WriteWords(folder, "tokenizer.json"), path => Assert.NotNull(TokenizerJson.Open(path).Encode("w1 w2"))),
        ["tokenizer_config"] = folder => new(WriteWords(folder, "tokenizer_config.json"), path => Recognise(path), 1 << 20),
        ["tiktoken"] = folder => new(WriteRanks(folder), path => Assert.NotNull(Tiktoken.OpenLlama3(path).Encode("a cat"))),
        ["gguf_tensors"] = _ => new(Golden("gguf/block_types/tensors.gguf"), path =>
        {
            using var file = GgufFile.Open(path);
            foreach (var name in file.Shapes.Keys)
                file.Read(name).Dispose();
        }),
        ["gguf_model"] = _ => new(Golden("gguf/llama_q4_0_tied/model.gguf"), path =>
        {
            using var checkpoint = LlamaCheckpoint.Open(path);
            checkpoint.Load().Dispose();
        }),
        ["gguf_tokenizer"] = folder => new(TinyGguf.Write(Path.Combine(folder, "tokenizer.gguf")), path =>
        {
            using var file = GgufFile.Open(path);
            GgufTokenizer.Read(file)?.Encode("a cat, 12 dogs");   // none where its key has another name now
        }, 1 << 20),
        ["adapter_config"] = _ => new(Golden("lora/plain_qv/adapter/adapter_config.json"), OpenAdapter, NeedsFolder: true),
        ["adapter"] = _ => new(Golden("lora/dora/adapter/adapter_model.safetensors"), OpenAdapter, NeedsFolder: true),
    };

    public static TheoryData<string> Names() => [.. Formats.Keys];

    private static string Golden(string relative) => Path.Combine(Repository.Root, "tests", "golden", relative);

    private static void ReadAll(string path)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        foreach (var name in file.Shapes.Keys)
            _ = file.Read(name).sum();
    }

    private static void LoadFolder(string path)
    {
        using var checkpoint = LlamaCheckpoint.Open(Path.GetDirectoryName(path)!);
        checkpoint.Load().Dispose();
    }

    private static void OpenAdapter(string path) => LoraAdapter.Open(LoraBase.Value, Path.GetDirectoryName(path)!).Dispose();

    [Theory, MemberData(nameof(Names))]
    public void Open_DamagedFile_GivesATypedErrorOrASoundResult(string format) => output.WriteLine(Formats[format](_folder).Damage(FileFormat.Default));

    [Theory(Explicit = true), MemberData(nameof(Names)), Trait("Category", "Long")]
    public void Open_DamagedFileManyTimes_GivesATypedErrorOrASoundResult(string format) => output.WriteLine(Formats[format](_folder).Damage(FileFormat.Long));

    /// <summary>A small vocabulary in Meta's format.</summary>
    private static string WriteRanks(string folder)
    {
        var path = Path.Combine(folder, "ranks.model");
        File.WriteAllLines(path, Enumerable.Range(0, 256).Select(b => $"{Convert.ToBase64String([(byte)b])} {b}").Append($"{Convert.ToBase64String("ca"u8)} 256"));
        return path;
    }

    private static string WriteWords(string folder, string name)
    {
        LlamaFolder.SaveTokenizer(folder, LlamaPromptOptimizerTests.Words, LlamaPromptOptimizerTests.Plain, "<eos>");
        return Path.Combine(folder, name);
    }

    private static void Recognise(string path)
    {
        if (TemplateTexts.Read(ConfigReader.Open(path)) is { } text)
            ChatTemplate.Recognise(text);
    }
}

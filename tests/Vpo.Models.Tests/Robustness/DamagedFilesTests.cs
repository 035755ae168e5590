using CsCheck;
using Vpo.Models.Checkpoints;
using Vpo.Models.Gguf;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Tokenizers;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Robustness;

/// <summary>Whatever is in a file: a typed error or a sound result, no crash, and no memory beyond what the file could fill.</summary>
public sealed class DamagedFilesTests : IDisposable
{
    private const int Default = 2_000, Long = 100_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-damaged-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A format: the file to damage and how it is opened. Files beside it are sound.</summary>
    private sealed record Format(string Source, Action<string> Open, int Header = 2048, bool NeedsFolder = false);

    private static readonly Lazy<LlamaModel> LoraBase = new(() =>
    {
        using var checkpoint = LlamaCheckpoint.Open(Golden("lora/plain_qv/model"));
        return checkpoint.Load();
    });

    private static readonly Dictionary<string, Format> Formats = new()
    {
        ["safetensors"] = new("lora/plain_qv/adapter/adapter_model.safetensors", ReadAll),
        ["shards"] = new("llama/sharded/model/model.safetensors.index.json", path => LoadFolder(Path.GetDirectoryName(path)!), 1 << 20, NeedsFolder: true),
        ["config"] = new("llama/llama3_rope_tied/model/config.json", path => LlamaConfig.Open(path)),
        ["tokenizer_json"] = new("bpe_tokenizer/plain/model/tokenizer.json", path => Assert.NotNull(TokenizerJson.Open(path).Encode("a cat, 12 dogs")), 1 << 20),
        ["tiktoken"] = new("", path => Assert.NotNull(Tiktoken.OpenLlama3(path).Encode("a cat"))),
        ["gguf_tensors"] = new("gguf/block_types/tensors.gguf", path =>
        {
            using var file = GgufFile.Open(path);
            foreach (var name in file.Shapes.Keys)
                file.Read(name).Dispose();
        }),
        ["gguf_model"] = new("gguf/llama_q4_0_tied/model.gguf", path =>
        {
            using var checkpoint = LlamaCheckpoint.Open(path);
            checkpoint.Load().Dispose();
        }),
        ["adapter_config"] = new("lora/plain_qv/adapter/adapter_config.json", OpenAdapter, NeedsFolder: true),
        ["adapter"] = new("lora/dora/adapter/adapter_model.safetensors", OpenAdapter, NeedsFolder: true),
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

    private static void LoadFolder(string folder)
    {
        using var checkpoint = LlamaCheckpoint.Open(folder);
        checkpoint.Load().Dispose();
    }

    private static void OpenAdapter(string path) => LoraAdapter.Open(LoraBase.Value, Path.GetDirectoryName(path)!).Dispose();

    [Theory, MemberData(nameof(Names))]
    public void Open_DamagedFile_GivesATypedErrorOrASoundResult(string format) => Damage(Formats[format], Default);

    [Theory(Explicit = true), MemberData(nameof(Names)), Trait("Category", "Long")]
    public void Open_DamagedFileManyTimes_GivesATypedErrorOrASoundResult(string format) => Damage(Formats[format], Long);

    private void Damage(Format format, int times)
    {
        var source = format.Source.Length > 0 ? Golden(format.Source) : WriteRanks();
        var target = Path.Combine(_folder, Path.GetFileName(source));
        if (format.NeedsFolder)
        {
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(source)!))
                File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)), overwrite: true);
        }
        var good = File.ReadAllBytes(source);
        format.Open(source);   // sound before it is damaged
        Mutation.Of(good.Length, format.Header).Sample(mutation => TryOpen(format, target, mutation.Apply(good)), iter: times, threads: 1);
    }

    private static void TryOpen(Format format, string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        using var scope = NewDisposeScope();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            format.Open(path);
        }
        catch (CheckpointException)
        {
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (8 << 20) + 100L * bytes.Length);
    }

    /// <summary>A small vocabulary in Meta's format.</summary>
    private string WriteRanks()
    {
        var path = Path.Combine(_folder, "ranks.model");
        File.WriteAllLines(path, Enumerable.Range(0, 256).Select(b => $"{Convert.ToBase64String([(byte)b])} {b}").Append($"{Convert.ToBase64String("ca"u8)} 256"));
        return path;
    }
}

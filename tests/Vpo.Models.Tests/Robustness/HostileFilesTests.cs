using System.Text;
using Vpo.Models.Chat;
using Vpo.Models.Checkpoints;
using Vpo.Models.Generation;
using Vpo.Models.Gguf;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Tokenizers;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Robustness;

/// <summary>Files that someone made so that a careless reader fails: each was once accepted, or refused with another exception.</summary>
public sealed class HostileFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-hostile-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private string Write(string name, string content)
    {
        File.WriteAllText(In(name), content);
        return In(name);
    }

    private static string Golden(string relative) => Path.Combine(Repository.Root, "tests", "golden", relative);

    private static string MessageOf(Action open) => Assert.ThrowsAny<CheckpointException>(open).Message;

    /// <summary>Their product is 2^64, which is 0 in 64 bits. Needs a file above half a GiB, of which nothing is written.</summary>
    [Fact]
    public void Gguf_DimensionsWhoseProductWraps_AreRefused()
    {
        var path = TinyGguf.Write(In("wraps.gguf"), new() { ["w"] = [1L << 32, 1L << 32] });
        using (var file = File.OpenWrite(path))
            file.SetLength(1L << 30);
        Assert.Contains("dimension", MessageOf(() => GgufFile.Open(path)), StringComparison.Ordinal);
    }

    [Fact]
    public void Gguf_TwoTensorsForOneParameter_AreRefused()
    {
        var path = TinyGguf.Write(In("twice.gguf"), new() { ["token_embd.weight"] = [0], ["model.embed_tokens.weight"] = [0] });
        Assert.Contains("two tensors", MessageOf(() => LlamaCheckpoint.Open(path)), StringComparison.Ordinal);
    }

    [Fact]
    public void Gguf_BigEndian_SaysSo()
    {
        File.WriteAllBytes(In("big.gguf"), [.. "GGUF"u8, 0, 0, 0, 3, .. new byte[64]]);
        Assert.Contains("big-endian", MessageOf(() => GgufFile.Open(In("big.gguf"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Safetensors_SizesBesideAZero_MustFitTogetherToo()
    {
        var header = Encoding.UTF8.GetBytes("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,8],"data_offsets":[0,0]}}""");
        File.WriteAllBytes(In("a.safetensors"), [.. BitConverter.GetBytes((long)header.Length), .. header]);
        Assert.Contains("header is not valid", MessageOf(() => SafetensorsFile.Open(In("a.safetensors"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_TensorNamedTwice_IsRefused()
    {
        SafetensorsWriter.Write(In("s.safetensors"), [new("a", zeros(2))]);
        Write("model.safetensors.index.json", """{"weight_map":{"a":"s.safetensors","a":"s.safetensors"}}""");
        Assert.Contains("named twice", MessageOf(() => CheckpointFolder.Open(_folder)), StringComparison.Ordinal);
    }

    /// <summary>Merges of a token are found by cutting it everywhere, in time that grows with the square of its length.</summary>
    [Fact]
    public void Tiktoken_TokenOfAMegabyte_IsRefused()
    {
        var lines = Enumerable.Range(0, 256).Select(b => $"{Convert.ToBase64String([(byte)b])} {b}").Append($"{Convert.ToBase64String(new byte[1 << 20])} 256");
        File.WriteAllLines(In("tokenizer.model"), lines);
        Assert.Contains("line 257", MessageOf(() => Tiktoken.OpenLlama3(In("tokenizer.model"))), StringComparison.Ordinal);
    }

    [Fact]
    public void TokenizerJson_Unigram_IsNamed() =>
        Assert.Contains("'Unigram'", MessageOf(() => TokenizerJson.Open(Write("tokenizer.json", """{"model":{"type":"Unigram","vocab":[["a",-1.5]]},"pre_tokenizer":null}"""))), StringComparison.Ordinal);

    [Fact]
    public void Config_RopeThetaZero_IsRefused()
    {
        var json = File.ReadAllText(Golden("llama/bf16_old_config/model/config.json"));
        var zero = System.Text.RegularExpressions.Regex.Replace(json, @"""rope_theta"":\s*[0-9.]+", "\"rope_theta\": 0");
        Assert.NotEqual(json, zero);
        Assert.Contains("rope_theta", MessageOf(() => LlamaConfig.Open(Write("config.json", zero))), StringComparison.Ordinal);
    }

    /// <summary>As transformers writes several templates.</summary>
    [Fact]
    public void TokenizerConfig_ListOfTemplates_GivesTheDefaultOne()
    {
        static string Json(string name) => $$"""{"chat_template":[{"name":"tool_use","template":"x"},{"name":"{{name}}","template":"y"}]}""";
        Assert.Equal("y", TemplateTexts.Read(ConfigReader.Open(Write("tokenizer_config.json", Json("default")))));
        Assert.Contains("tool_use, rag", MessageOf(() => TemplateTexts.Read(ConfigReader.Open(Write("tokenizer_config.json", Json("rag"))))), StringComparison.Ordinal);
    }

    /// <summary>Published files say so: greedy, and a temperature that plays no part.</summary>
    [Fact]
    public void GenerationConfig_GreedyWithTemperatureZero_IsFine()
    {
        var options = SamplingOptions.Read(ConfigReader.Open(Write("generation_config.json", """{"do_sample":false,"temperature":0.0,"top_p":0.0}""")));
        Assert.Same(options, options.Checked());
        Assert.Throws<ArgumentException>(() => (options with { Greedy = false }).Checked());
    }

    private const string Q = "base_model.model.model.layers.0.self_attn.q_proj";

    public static TheoryData<string, string[]> Adapters() => new()
    {
        { "two tensors", [$"{Q}.lora_A.weight", $"{Q}.lora_A.weight"["base_model.model.".Length..]] },
        { "'a'", ["a"] },
        { "no linear layer", [$"{Q}.lora_A.weight", $"{Q}.lora_B.weight", "base_model.model.zzz.lora_A.weight"] },
    };

    /// <summary>The last one attached a layer before it was refused, and the model went on with it.</summary>
    [Theory, MemberData(nameof(Adapters))]
    public void Adapter_RefusedNames_LeaveTheModelAsItWas(string expected, string[] names)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var checkpoint = LlamaCheckpoint.Open(Golden("lora/plain_qv/model"));
        using var model = checkpoint.Load();
        var ids = arange(6, dtype: int64).unsqueeze(0);
        var before = model.forward(ids);
        var width = checkpoint.Config.HiddenSize;
        new LoraConfig { Rank = 2, Alpha = 2 }.Save(_folder);
        SafetensorsWriter.Write(In("adapter_model.safetensors"), names.Select(name => KeyValuePair.Create(name, name.Contains("lora_B", StringComparison.Ordinal) ? ones(width, 2) : ones(2, width))));
        Assert.Contains(expected, MessageOf(() => LoraAdapter.Open(model, _folder)), StringComparison.Ordinal);
        Assert.True(before.eq(model.forward(ids)).all().item<bool>());
    }

    [Fact]
    public void Adapter_WithoutWeightsOrWithInfiniteAlpha_IsRefused()
    {
        new LoraConfig { Rank = 2, Alpha = 2 }.Save(_folder);
        using var checkpoint = LlamaCheckpoint.Open(Golden("lora/plain_qv/model"));
        using var model = checkpoint.Load();
        Write("adapter_model.bin", "");
        Assert.Contains("pickled", MessageOf(() => LoraAdapter.Open(model, _folder)), StringComparison.Ordinal);
        Write(LoraConfig.FileName, """{"peft_type":"LORA","r":4,"lora_alpha":1e999}""");
        Assert.Contains("finite", MessageOf(() => LoraConfig.Open(_folder)), StringComparison.Ordinal);
    }
}

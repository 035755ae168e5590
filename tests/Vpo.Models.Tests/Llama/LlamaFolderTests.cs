using System.Text.Json.Nodes;
using Vpo.Models.Chat;
using Vpo.Models.Checkpoints;
using Vpo.Models.Llama;
using Vpo.Models.Tests.Generation;
using Vpo.Models.Tests.Optimization;
using Vpo.Models.Tokenizers;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Llama;

public sealed class LlamaFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-folder-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static string Golden(string relative) => Path.Combine(Repository.Root, "tests", "golden", relative);

    public static TheoryData<string> Configs() => [.. new[] { "attention_bias", "bf16", "llama3_rope_tied", "rope_linear", "head_dim_override" }];

    [Theory, MemberData(nameof(Configs))]
    public void Save_Model_OpensAsTheSame(string name)
    {
        using var scope = NewDisposeScope();
        using var checkpoint = LlamaCheckpoint.Open(Golden($"llama/{name}/model"));
        using var model = checkpoint.Load();
        LlamaFolder.Save(_folder, model);
        using var again = LlamaCheckpoint.Open(_folder);
        Assert.Equivalent(checkpoint.Config, again.Config, strict: true);
        Assert.Equal(checkpoint.Weights.Shapes.Keys.Order(), again.Weights.Shapes.Keys.Order());
        foreach (var tensor in checkpoint.Weights.Shapes.Keys)
            Assert.True(checkpoint.Weights.Read(tensor).eq(again.Weights.Read(tensor)).all().item<bool>(), tensor);
    }

    [Fact]
    public void SaveTokenizer_WordsAndTemplate_OpenAsTheSame()
    {
        using (var model = LlamaModel.Initialize(TextGeneratorTests.Tiny, 1))
            LlamaFolder.Save(_folder, model);
        LlamaFolder.SaveTokenizer(_folder, LlamaPromptOptimizerTests.Words, LlamaPromptOptimizerTests.Plain, "<eos>");
        using var opened = LlamaCheckpoint.Open(_folder);
        Assert.Equal(LlamaPromptOptimizerTests.Plain, opened.Template);
        var words = Assert.IsType<WordTokenizer>(opened.Tokenizer);
        Assert.Equal(LlamaPromptOptimizerTests.Words.Vocabulary, words.Vocabulary);
        Assert.Equal([1, 5 + 3, 5 + 9, 4, 4, 3], opened.Template.Encode([new("user", " w3\n w9 what <sep>")], words));
        Assert.Equal("w3 w9", words.Decode([1, 8, 14, 2]));
        Assert.Equal(["what", "<sep>"], words.UnknownWords("w3 what <sep> what"));
    }

    [Theory]
    [InlineData("rope_scaling", """{"rope_type":"yarn","factor":2}""", "yarn")]
    [InlineData("rope_scaling", """{"type":"dynamic","factor":2}""", "dynamic")]
    [InlineData("hidden_act", "\"gelu\"", "gelu")]
    [InlineData("model_type", "\"mistral\"", "mistral")]
    [InlineData("num_key_value_heads", "3", "multiple")]
    [InlineData("hidden_size", "\"x\"", "hidden_size")]
    [InlineData("num_hidden_layers", "100000", "num_hidden_layers")]
    [InlineData("head_dim", "7", "even")]
    [InlineData("torch_dtype", "\"int3\"", "int3")]
    [InlineData("quantization_config", "{}", "quantization_config")]
    public void Open_UnsupportedConfig_NamesTheReason(string key, string value, string expected)
    {
        var json = JsonNode.Parse(File.ReadAllText(Golden("llama/bf16_old_config/model/config.json")))!;
        json[key] = JsonNode.Parse(value);
        File.WriteAllText(In("config.json"), json.ToJsonString());
        Assert.Contains(expected, Assert.Throws<CheckpointException>(() => LlamaConfig.Open(In("config.json"))).Message);
    }

    [Fact]
    public void Recognise_UnknownTemplate_SaysWhatToPass() =>
        Assert.Contains("Pass the ChatTemplate", Assert.Throws<CheckpointException>(() => ChatTemplate.Recognise("{{ messages }}")).Message);

    [Fact]
    public void Open_MetasPthFolder_SaysWhatToTakeInstead()
    {
        var folder = Directory.CreateTempSubdirectory("vpo-pth-").FullName;
        File.WriteAllText(Path.Combine(folder, "consolidated.00.pth"), "");
        File.WriteAllText(Path.Combine(folder, "params.json"), "{}");
        Assert.Contains("safetensors", Assert.Throws<CheckpointException>(() => LlamaCheckpoint.Open(folder)).Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}

using System.Text.Json;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Gguf;

/// <summary>A GGUF file written out as a Hugging Face folder is the same model.</summary>
public sealed class GgufConversionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-convert-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact, Trait("Category", "Weights")]
    public void Save_SmolLm2_KeepsIdsTemplateAndLogits()
    {
        using var gguf = LlamaCheckpoint.Open(Repository.Model("smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        using var original = gguf.Load();
        LlamaFolder.CopyTokenizer(gguf.Location, _folder);
        LlamaFolder.Save(_folder, original);
        using var folder = LlamaCheckpoint.Open(_folder);
        Assert.Equal(gguf.Template, folder.Template);
        Assert.Equal(gguf.Tokenizer.SpecialTokens, folder.Tokenizer.SpecialTokens);
        var queries = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Repository.Data("vpo/dpo_prompts.json")))!.Take(2_000).Append("<|im_end|> 12\t\n\u00e9\ud83d\ude00");
        Assert.All(queries, query => Assert.Equal(gguf.Tokenizer.Encode(query), folder.Tokenizer.Encode(query)));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var converted = folder.Load();
        var ids = tensor(gguf.Template.Encode([new("user", "a cute dog on the grass")], gguf.Tokenizer).Select(id => (long)id).ToArray()).unsqueeze(0);
        Assert.True(original.forward(ids).equal(converted.forward(ids)).all().item<bool>());
    }
}

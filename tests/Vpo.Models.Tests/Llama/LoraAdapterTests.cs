using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Llama;

public sealed class LoraAdapterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-lora-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static LlamaModel Model() => LlamaModel.Initialize(new()
    {
        HiddenSize = 16,
        IntermediateSize = 32,
        Layers = 1,
        Heads = 2,
        KeyValueHeads = 1,
        HeadDim = 8,
        VocabularySize = 20,
        TiedHead = false,
    }, seed: 1);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Create_NewAdapter_ChangesNothing(bool decomposed, bool stabilized)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Model();
        var ids = arange(6, dtype: int64).unsqueeze(0);
        var before = model.forward(ids);
        using var adapter = LoraAdapter.Create(model, new() { Rank = 4, Alpha = 8, Decomposed = decomposed, RankStabilized = stabilized, SavedModules = ["lm_head"] }, seed: 2);
        Assert.True(allclose(before, model.forward(ids), 1e-5, 1e-6));
        Assert.Equal(7 * (decomposed ? 3 : 2) + 1, adapter.Parameters.Count());
        Assert.Throws<InvalidOperationException>(() => LoraAdapter.Create(model, adapter.Config, 3));
    }

    [Theory]
    [InlineData("{}", "peft_type")]
    [InlineData("""{"peft_type":"IA3"}""", "IA3")]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":8,"bias":"all"}""", "bias")]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":8,"rank_pattern":{"q_proj":8}}""", "rank_pattern")]
    [InlineData("""{"peft_type":"LORA","r":0,"lora_alpha":8}""", "r must be")]
    [InlineData("not json", "adapter_config.json")]
    public void Open_ConfigurationThatIsNotSupported_IsRefusedByName(string json, string named)
    {
        File.WriteAllText(Path.Combine(_folder, LoraConfig.FileName), json);
        Assert.Contains(named, Assert.ThrowsAny<CheckpointException>(() => LoraConfig.Open(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AdapterOfAnotherModel_ListsWhatDoesNotFit()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        new LoraConfig { Rank = 2, Alpha = 2, Targets = ["q_proj"] }.Save(_folder);
        SafetensorsWriter.Write(Path.Combine(_folder, "adapter_model.safetensors"), [new("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", zeros(2, 99))]);
        var error = Assert.Throws<CheckpointMismatchException>(() => LoraAdapter.Open(model, _folder));
        Assert.Contains("lora_B", error.Message, StringComparison.Ordinal);
        Assert.Contains("[2, 99]", error.Message, StringComparison.Ordinal);
        Assert.Null(model.Adapter);
    }
}

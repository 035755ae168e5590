using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Llama;

[Trait("Category", "Golden")]
[Trait("Family", "lora")]
public sealed class LoraGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("lora");

    [Theory, MemberData(nameof(Cases))]
    public void Adapter_Golden_GivesLogitsLossGradientsAndTheBaseWhenOff(string name)
    {
        using var golden = GoldenCase.Open("lora", name);
        using var scope = NewDisposeScope();
        using var model = LlamaGoldenTests.Load(golden);
        using var adapter = LoraAdapter.Open(model, golden.PathTo(golden.Json.GetProperty("adapter").GetString()!));
        foreach (var (_, parameter) in adapter.Parameters)
            parameter.requires_grad = true;
        var (ids, visible) = (golden.Tensor("in.input_ids"), golden.Tensor("in.attention_mask"));
        var logits = model.Head(model.Hidden(ids, visible));
        golden.AssertClose("out.logits", logits);
        var loss = LlamaGoldenTests.Loss(logits, golden.Tensor("in.labels"));
        golden.AssertClose("out.loss", loss);
        loss.backward();
        foreach (var (parameter, value) in adapter.Parameters)
            golden.AssertClose("grad." + parameter, value.grad!);
        Assert.Equal(golden.TensorNames.Count(t => t.StartsWith("grad.", StringComparison.Ordinal)), adapter.Parameters.Count());
        using (adapter.Off())
            golden.AssertClose("out.logits_off", model.Head(model.Hidden(ids, visible)));
        Assert.True(adapter.IsOn);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Merge_Golden_GivesThoseWeightsAndTheSameLogits(string name)
    {
        using var golden = GoldenCase.Open("lora", name);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = LlamaGoldenTests.Load(golden);
        var before = model.named_parameters().ToDictionary(p => p.name, p => p.parameter.clone());
        using var adapter = LoraAdapter.Open(model, golden.PathTo(golden.Json.GetProperty("adapter").GetString()!));
        adapter.Merge();
        Assert.Null(model.Adapter);
        var merged = golden.TensorNames.Where(t => t.StartsWith("out.merged.", StringComparison.Ordinal)).ToHashSet();
        foreach (var (parameter, value) in model.named_parameters())
        {
            if (merged.Remove("out.merged." + parameter))
                golden.AssertClose("out.merged." + parameter, value);
            else
                Assert.True(value.eq(before[parameter]).all().item<bool>(), parameter);
        }
        Assert.Empty(merged);
        golden.AssertClose("out.logits", model.Head(model.Hidden(golden.Tensor("in.input_ids"), golden.Tensor("in.attention_mask"))));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Save_Golden_OpensAgainAsTheSame(string name)
    {
        using var golden = GoldenCase.Open("lora", name);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var folder = Directory.CreateTempSubdirectory("vpo-lora-").FullName;
        try
        {
            using var model = LlamaGoldenTests.Load(golden);
            using (var adapter = LoraAdapter.Open(model, golden.PathTo("adapter")))
            {
                Assert.Throws<InvalidOperationException>(() => LlamaFolder.Save(folder, model));
                adapter.Save(folder);
            }
            using var again = LoraAdapter.Open(model, folder);
            golden.AssertClose("out.logits", model.Head(model.Hidden(golden.Tensor("in.input_ids"), golden.Tensor("in.attention_mask"))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

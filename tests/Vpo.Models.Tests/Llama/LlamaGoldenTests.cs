using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Llama;

[Trait("Category", "Golden")]
[Trait("Family", "llama")]
public sealed class LlamaGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("llama");

    internal static LlamaModel Load(GoldenCase golden, string folder = "model", ScalarType compute = ScalarType.Float32)
    {
        using var checkpoint = CheckpointFolder.Open(golden.PathTo(folder));
        return LlamaModel.Load(LlamaConfig.Open(golden.PathTo(folder + "/config.json")), checkpoint, ScalarType.Float32, compute, Golden.Device);
    }

    internal static Tensor Loss(Tensor logits, Tensor labels) => nn.functional.cross_entropy(
        logits[.., ..^1].reshape(-1, logits.shape[2]).to(float32), labels[.., 1..].reshape(-1), ignore_index: -100);

    [Theory, MemberData(nameof(Cases))]
    public void Forward_GoldenIds_GivesLogitsLossAndGradients(string name)
    {
        using var golden = GoldenCase.Open("llama", name);
        using var scope = NewDisposeScope();
        using var model = Load(golden);
        model.RequireGradients();
        var (ids, visible, labels) = (golden.Tensor("in.input_ids"), golden.Tensor("in.attention_mask"), golden.Tensor("in.labels"));
        var logits = model.Head(model.Hidden(ids, visible));
        golden.AssertClose("out.logits", logits);
        var loss = Loss(logits, labels);
        golden.AssertClose("out.loss", loss);
        loss.backward();
        var gradients = golden.TensorNames.Where(t => t.StartsWith("grad.", StringComparison.Ordinal)).ToHashSet();
        foreach (var (parameter, value) in model.named_parameters())
        {
            Assert.True(gradients.Remove("grad." + parameter), parameter);
            golden.AssertClose("grad." + parameter, value.grad!);
        }
        Assert.Empty(gradients);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Forward_WithoutMaskOrGradient_GivesTheSameLogitsAndLogps(string name)
    {
        using var golden = GoldenCase.Open("llama", name);
        using var scope = NewDisposeScope();
        using var model = Load(golden);
        using var quiet = no_grad();
        var (ids, labels) = (golden.Tensor("in.input_ids"), golden.Tensor("in.labels"));
        var logits = model.forward(ids);
        var real = golden.Tensor("in.attention_mask").to(ScalarType.Bool).unsqueeze(-1);
        golden.AssertClose("out.logits", golden.Tensor("out.logits").masked_fill(real.logical_not(), 0), logits.masked_fill(real.logical_not(), 0));
        var perToken = nn.functional.cross_entropy(logits[.., ..^1].reshape(-1, logits.shape[2]), labels[.., 1..].reshape(-1), ignore_index: -100, reduction: nn.Reduction.None);
        golden.AssertClose("out.logps", perToken.view(ids.shape[0], -1).sum(1).neg());
    }

    [Theory, MemberData(nameof(Cases))]
    public void Copy_InBfloat16_StaysNearTheLogits(string name)
    {
        using var golden = GoldenCase.Open("llama", name);
        using var scope = NewDisposeScope();
        using var model = Load(golden);
        using var half = model.Copy(ScalarType.BFloat16);
        using var mixed = model.Copy(null, ScalarType.BFloat16);
        using var quiet = no_grad();
        var ids = golden.Tensor("in.kv_ids");
        var exact = model.forward(ids);
        foreach (var other in new[] { half, mixed })
        {
            var logits = other.forward(ids);
            Assert.Equal(ScalarType.BFloat16, logits.dtype);
            Assert.True((logits.to(float32) - exact).abs().max().item<float>() < 0.05f * exact.abs().max().item<float>() + 0.01f);
        }
    }
}

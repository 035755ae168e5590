using System.Text.Json;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Tests.Diffusion;

[Trait("Category", "Golden")]
[Trait("Family", "diffusion_dpo")]
public sealed class DiffusionDpoGoldenTests
{
    private static readonly string[] KnownKeys = ["family", "case", "seed", "made_with", "source", "tolerance", "notes", "rows", "layout"];

    private static readonly string[] KnownRowKeys =
    [
        "name", "beta", "factor", "weighted", "inside", "losses", "loss", "loss_float64", "implicit_accuracy", "implicit_accuracy_ties_half",
        "model_losses_chosen", "model_losses_rejected", "ref_losses_chosen", "ref_losses_rejected",
    ];

    public static TheoryData<string> Cases() => Golden.Cases("diffusion_dpo");

    private static DiffusionTarget TargetOf(string name)
    {
        (string Begin, DiffusionTarget Target)[] known = [("v_prediction", DiffusionTarget.Velocity), ("epsilon", DiffusionTarget.Noise), ("sample", DiffusionTarget.Clean)];
        var found = known.Where(k => name.StartsWith(k.Begin, StringComparison.Ordinal)).ToList();
        Assert.True(found.Count == 1, $"{name}: begins with no known prediction type ({string.Join(", ", known.Select(k => k.Begin))})");
        return found[0].Target;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Noising_Golden_GivesNoisySamplesAndTargets(string name)
    {
        using var golden = GoldenCase.Open("diffusion_dpo", name);
        Assert.All(golden.Json.EnumerateObject(), key => Assert.Contains(key.Name, KnownKeys));
        using var scope = NewDisposeScope();
        var (clean, noise, signal) = (golden.Tensor("in.latents"), golden.Tensor("in.noise").repeat(2, 1, 1, 1), golden.Tensor("in.alphas_cumprod").repeat(2));
        golden.AssertClose("out.noisy", Noising.Noisy(clean, noise, signal));
        golden.AssertClose("out.target", Noising.Target(TargetOf(name), clean, noise, signal));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Loss_EveryRow_GivesErrorsLossesAndGradients(string name)
    {
        using var golden = GoldenCase.Open("diffusion_dpo", name);
        using var scope = NewDisposeScope();
        var gradients = golden.TensorNames.Where(t => t.StartsWith("grad.", StringComparison.Ordinal)).ToHashSet();
        foreach (var row in golden.Json.GetProperty("rows").EnumerateArray())
        {
            Assert.All(row.EnumerateObject(), key => Assert.Contains(key.Name, KnownRowKeys));
            var label = row.GetProperty("name").GetString()!;
            var policy = golden.Tensor("in.policy").clone().requires_grad_();
            var weights = row.GetProperty("weighted").GetBoolean() ? golden.Tensor("in.pair_weights") : null;
            var errors = DiffusionErrors.Of(policy, golden.Tensor("in.ref"), golden.Tensor("out.target"), weights);
            var loss = new DiffusionDpoLoss(row.GetProperty("beta").GetDouble(), row.GetProperty("factor").GetDouble());
            Check(golden, row, loss, errors);
            var mean = loss.PerPair(errors).mean();
            golden.AssertClose("loss", row.GetProperty("loss").GetDouble(), mean.item<float>());
            golden.AssertClose("loss", row.GetProperty("loss_float64").GetDouble(), mean.item<float>());
            mean.backward();
            Assert.True(gradients.Remove("grad." + label), label);
            golden.AssertClose("grad." + label, policy.grad!);
        }
        Assert.Empty(gradients);
    }

    private static void Check(GoldenCase golden, JsonElement row, DiffusionDpoLoss loss, DiffusionErrors errors)
    {
        void Compare(string key, Tensor actual) =>
            golden.AssertClose(key, tensor(row.GetProperty(key).EnumerateArray().Select(x => x.GetSingle()).ToArray()).to(Golden.Device), actual);
        Compare("inside", loss.Margins(errors));
        Compare("losses", loss.PerPair(errors));
        Compare("model_losses_chosen", errors.PolicyChosen);
        Compare("model_losses_rejected", errors.PolicyRejected);
        Compare("ref_losses_chosen", errors.ReferenceChosen);
        Compare("ref_losses_rejected", errors.ReferenceRejected);
        Assert.Equal(row.GetProperty("implicit_accuracy").GetDouble(), loss.Accuracy(errors), 6);
        Assert.Equal(row.GetProperty("implicit_accuracy_ties_half").GetDouble(), loss.Accuracy(errors, tiesHalf: true), 6);
    }

    [Fact]
    public void Accuracy_PolicyIsReference_CountsTiesAsTheSourceDoes()
    {
        using var scope = NewDisposeScope();
        var same = randn(4, 2, 2, 2, generator: new Generator(1));
        var errors = DiffusionErrors.Of(same, same, zeros_like(same));
        var loss = new DiffusionDpoLoss();
        Assert.Equal((0.0, 0.5), (loss.Accuracy(errors), loss.Accuracy(errors, tiesHalf: true)));
        Assert.Equal(Math.Log(2), loss.PerPair(errors).mean().item<float>(), 6);
    }
}

using TorchSharp;
using Vpo.Rewards.Checklists;
using static TorchSharp.torch;

namespace Vpo.Rewards.Tests.Checklists;

[Trait("Category", "Golden")]
[Trait("Family", "weight_fit")]
public sealed class WeightFitGoldenTests
{
    private static readonly HashSet<string> Described = ["family", "case", "seed", "made_with", "source", "notes", "tolerance", "rule", "runs", "optimum", "accuracy_of_optimum"];

    public static TheoryData<string> Cases() => Golden.Cases("weight_fit");

    [Theory, MemberData(nameof(Cases))]
    public void Fit_GoldenPairs_GivesTheReferencesWeights(string name)
    {
        using var golden = GoldenCase.Open("weight_fit", name);
        using var scope = NewDisposeScope();
        Assert.Empty(golden.Json.EnumerateObject().Select(f => f.Name).Except(Described));
        var (differences, preferred) = Pairs(golden);
        foreach (var run in golden.Json.GetProperty("runs").EnumerateObject())
        {
            var fit = WeightFit.Fit(differences, preferred, new()
            {
                BatchSize = run.Value.GetProperty("batch").GetInt32(),
                LearningRate = run.Value.GetProperty("lr").GetDouble(),
                MaxEpochs = run.Value.GetProperty("max_epochs").GetInt32(),
                Tolerance = run.Value.GetProperty("eps").GetDouble(),
            });
            golden.AssertClose($"out.{run.Name}.weights", tensor(fit.Weights.ToArray(), float64));
            golden.AssertClose("loss", run.Value.GetProperty("loss").GetDouble(), fit.Loss);
            golden.AssertClose("last_change", run.Value.GetProperty("last_change").GetDouble(), fit.LastChange);
            Assert.Equal(run.Value.GetProperty("epochs_run").GetInt32(), fit.Epochs);
            Assert.Equal(run.Value.GetProperty("zeros").GetInt32(), fit.Zeros);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Fit_ToTheEnd_ReachesTheConstrainedOptimum(string name)
    {
        using var golden = GoldenCase.Open("weight_fit", name);
        using var scope = NewDisposeScope();
        var (differences, preferred) = Pairs(golden);
        var expected = golden.Json.GetProperty("optimum");
        var fit = WeightFit.Fit(differences, preferred, new() { Tolerance = 1e-10, MaxEpochs = 20_000 });
        golden.AssertClose("optimum", golden.Tensor("out.optimum.weights"), tensor(fit.Weights.ToArray(), float64));
        golden.AssertClose("loss", expected.GetProperty("loss").GetDouble(), fit.Loss);
        Assert.Equal(expected.GetProperty("zeros").GetInt32(), fit.Zeros);
        golden.AssertClose("accuracy_of_optimum", golden.Json.GetProperty("accuracy_of_optimum").GetDouble(), WeightFit.Accuracy(fit.Weights, differences, preferred));
        var free = WeightFit.Fit(differences, preferred, new() { KeepNegative = true, Tolerance = 1e-10, MaxEpochs = 20_000 });
        Assert.Equal(expected.GetProperty("unconstrained_negative").GetInt32(), free.Weights.Count(w => w < 0));
    }

    private static (List<double[]> Differences, List<bool> FirstPreferred) Pairs(GoldenCase golden)
    {
        var difference = golden.Tensor("in.answers_first") - golden.Tensor("in.answers_second");
        return ([.. difference.cpu().data<long>().ToArray().Select(d => (double)d).Chunk((int)difference.shape[1])],
            [.. golden.Tensor("in.first_preferred").cpu().data<long>().ToArray().Select(p => p == 1)]);
    }
}

using System.Text.Json;
using TorchSharp;
using Vpo.Statistics;
using static TorchSharp.torch;

namespace Vpo.Core.Tests.Statistics;

[Trait("Category", "Golden")]
[Trait("Family", "agreement")]
public sealed class AgreementGoldenTests
{
    private static readonly HashSet<string> Described = ["family", "case", "seed", "made_with", "source", "notes", "tolerance", "definition", "diff_definition", "null_means"];

    public static TheoryData<string> Cases() => Golden.Cases("agreement");

    [Theory, MemberData(nameof(Cases))]
    public void Agreement_GoldenCase_GivesTheReferencesFigures(string name)
    {
        using var golden = GoldenCase.Open("agreement", name);
        using var scope = NewDisposeScope();
        foreach (var field in golden.Json.EnumerateObject().Where(f => !Described.Contains(f.Name)))
            Assert.True(Check(golden, field.Name, field.Value), $"{name}: nobody planned '{field.Name}'");
        foreach (var tensor in golden.TensorNames.Where(t => t.StartsWith("out.", StringComparison.Ordinal)))
            CheckTensor(golden, tensor);
    }

    private static bool Check(GoldenCase golden, string field, JsonElement expected) =>
        golden.Has("in.label") ? PairsChecks.Check(golden, field, expected)
        : golden.Has("in.human") ? GroupedChecks.Check(golden, field, expected)
        : golden.Has("in.votes") ? KappaChecks.Check(golden, field, expected)
        : golden.Has("in.wins") ? BradleyTerryChecks.Check(golden, field, expected)
        : golden.Has("in.verdict") && WinRateChecks.Check(golden, field, expected);

    private static void CheckTensor(GoldenCase golden, string tensor)
    {
        switch (tensor)
        {
            case "out.log_strength":
                golden.AssertClose(tensor, torch.tensor(BradleyTerryChecks.Fit(golden).LogStrength.ToArray(), float64));
                break;
            case "out.table":
                golden.AssertClose(tensor, torch.tensor(KappaChecks.Table(golden).Cast<int>().Select(v => (long)v).ToArray()).reshape(golden.Tensor(tensor).shape));
                break;
            case "out.counts":
                golden.AssertClose(tensor, torch.tensor(KappaChecks.Counts(golden).SelectMany(v => v).Select(v => (long)v).ToArray()).reshape(golden.Tensor(tensor).shape));
                break;
            case "out.bootstrap_net":
                golden.AssertClose(tensor, torch.tensor(WinRateChecks.Resampled(golden, v => v), float64));
                break;
            case "out.bootstrap_win":
                golden.AssertClose(tensor, torch.tensor(WinRateChecks.Resampled(golden, v => v > 0 ? 1 : 0), float64));
                break;
            default:
                Assert.Fail($"{golden.Name}: nobody planned '{tensor}'");
                break;
        }
    }
}

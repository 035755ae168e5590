using CsCheck;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Losses;

/// <summary>What holds for losses whatever the numbers.</summary>
public sealed class PreferenceLossLaws
{
    private const double Tolerance = 1e-4;

    private static readonly PreferenceLoss[] All =
    [
        new PreferenceLoss.Sigmoid(), new PreferenceLoss.Sigmoid(0.3, 0.1), new PreferenceLoss.Robust(0.1, 0.2), new PreferenceLoss.Hinge(), new PreferenceLoss.Ipo(),
        new PreferenceLoss.IpoOfSums(), new PreferenceLoss.ExoPair(), new PreferenceLoss.NcaPair(), new PreferenceLoss.BcoPair(), new PreferenceLoss.SppoHard(),
        new PreferenceLoss.ApoZero(), new PreferenceLoss.ApoDown(), new PreferenceLoss.Discopop(), new PreferenceLoss.SigmoidOfMeans(), new PreferenceLoss.Simpo(),
        new PreferenceLoss.AlphaPo(0.25), new PreferenceLoss.Cpo(), new PreferenceLoss.CpoHinge(), new PreferenceLoss.CpoIpo(), new PreferenceLoss.OddsRatio(),
        new PreferenceLoss.ChosenSequenceMean(), new PreferenceLoss.Sigmoid(0.1, 0, new Divergence.JensenShannon()), new PreferenceLoss.Sigmoid(0.1, 0, new Divergence.ForwardKl()),
    ];

    private static readonly Gen<float[]> LogProbs = Gen.Float[-60, -1].Array[5];

    [Fact]
    public void Sigmoid_PolicyEqualsReference_IsLn2() => Gen.Select(LogProbs, LogProbs, Gen.Double[0.01, 5]).Sample((w, l, beta) =>
    {
        using var scope = NewDisposeScope();
        return new PreferenceLoss.Sigmoid(beta).PerPair(Pairs(w, l, w, l)).data<float>().All(v => v == 0.693147182f);
    });

    [Fact]
    public void Sigmoid_Gradient_RaisesChosenLowersRejectedByTheSame() => Gen.Select(LogProbs, LogProbs, LogProbs, LogProbs).Sample((w, l, rw, rl) =>
    {
        using var scope = NewDisposeScope();
        var x = Pairs(w, l, rw, rl);
        var (chosen, rejected) = (x.PolicyChosen.requires_grad_(), x.PolicyRejected.requires_grad_());
        new PreferenceLoss.Sigmoid().PerPair(x).mean().backward();
        return chosen.grad!.data<float>().Zip(rejected.grad!.data<float>()).All(g => g.First < 0 && g.Second > 0 && Math.Abs(g.First + g.Second) < 1e-6);
    });

    [Fact]
    public void Sigmoid_BothCompletionsShifted_DoesNotChange() => Gen.Select(LogProbs, LogProbs, LogProbs, Gen.Float[-20, 20]).Sample((w, l, r, shift) =>
    {
        using var scope = NewDisposeScope();
        float[] Moved(float[] x) => [.. x.Select(v => v + shift)];
        var (plain, moved) = (new PreferenceLoss.Sigmoid().PerPair(Pairs(w, l, r, r)), new PreferenceLoss.Sigmoid().PerPair(Pairs(Moved(w), Moved(l), r, r)));
        return allclose(plain, moved, Tolerance, Tolerance);
    });

    [Fact]
    public void PerPair_OrderOfPairs_OnlyReordersTheLosses() => Gen.Select(LogProbs, LogProbs, LogProbs, LogProbs).Sample((w, l, rw, rl) =>
    {
        using var scope = NewDisposeScope();
        var (plain, turned) = (Pairs(w, l, rw, rl), Pairs([.. w.Reverse()], [.. l.Reverse()], [.. rw.Reverse()], [.. rl.Reverse()]));
        return All.All(loss => allclose(loss.PerPair(plain), loss.PerPair(turned).flip(0), Tolerance, Tolerance));
    });

    [Fact]
    public void PerPair_ExtremeValues_LossAndGradientAreFinite()
    {
        float[] far = [-1e4f, -1e-3f, -700, -88, -1];
        foreach (var loss in All.Where(l => l is not PreferenceLoss.AlphaPo))   // e^(α·10⁴) is infinite by definition
        {
            using var scope = NewDisposeScope();
            var x = Pairs(far, [.. far.Reverse()], [-1, -1e4f, -1, -1, -500], [-1, -1, -1e4f, -20, -20]);
            var chosen = x.PolicyChosen.requires_grad_();
            var losses = loss.PerPair(x);
            losses.mean().backward();
            Assert.True(losses.isfinite().all().item<bool>(), loss.ToString());
            Assert.True(chosen.grad is null || chosen.grad.isfinite().all().item<bool>(), loss.ToString());
        }
    }

    [Fact]
    public void Mix_OfOneLossTwice_IsThatLossTimesTheWeights() => Gen.Select(LogProbs, LogProbs, Gen.Double[0, 2], Gen.Double[0, 2]).Sample((w, l, a, b) =>
    {
        using var scope = NewDisposeScope();
        var (x, loss) = (Pairs(w, l, l, w), new PreferenceLoss.NcaPair());
        return allclose(new PreferenceLoss.Mix((loss, a), (loss, b)).PerPair(x), loss.PerPair(x).Times(a + b), Tolerance, Tolerance);
    });

    [Fact]
    public void PerPair_WorkedNumbers_AreThoseOfTheNotes()
    {
        using var scope = NewDisposeScope();
        var x = new PairLogProbs(tensor(new[] { -120f, -95.5f }), tensor(new[] { -131.25f, -90 }), tensor(new[] { -122.5f, -94 }), tensor(new[] { -128f, -93.25f }))
        {
            ChosenLengths = tensor(new[] { 100f, 80 }),
            RejectedLengths = tensor(new[] { 110f, 75 }),
        };
        void Is(PreferenceLoss loss, double expected) => Assert.Equal(expected, loss.PerPair(x).mean().item<float>(), 2e-5);
        Is(new PreferenceLoss.Sigmoid(0.1), 0.70250365);
        Is(new PreferenceLoss.Sigmoid(0.1, 0.1), 0.70750365);
        Is(new PreferenceLoss.IpoOfSums(0.1), 47.8125);
        Is(new PreferenceLoss.Discopop(0.1), 0.76067069);
        Is(new PreferenceLoss.Simpo(2, 0.5), 0.97445076);
        Is(new PreferenceLoss.KtoPair(0.1), (0.48762667 + 0.48782669) / 2);
    }

    private static PairLogProbs Pairs(float[] chosen, float[] rejected, float[] referenceChosen, float[] referenceRejected) =>
        new(tensor(chosen), tensor(rejected), tensor(referenceChosen), tensor(referenceRejected))
        {
            ChosenLengths = full(chosen.Length, 7f),
            RejectedLengths = full(chosen.Length, 9f),
        };
}

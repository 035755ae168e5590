using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Pieces that preference losses share.</summary>
internal static class PairMath
{
    private static readonly Divergence Usual = new Divergence.ReverseKl();

    /// <summary>Log-ratio of the chosen completions to the reference, r_w.</summary>
    public static Tensor ChosenRatio(this PairLogProbs pairs) => pairs.PolicyChosen.Minus(pairs.ReferenceChosen);

    /// <summary>Log-ratio of the rejected completions to the reference, r_l.</summary>
    public static Tensor RejectedRatio(this PairLogProbs pairs) => pairs.PolicyRejected.Minus(pairs.ReferenceRejected);

    /// <summary>Scores (s_w, s_l); reverse KL where no divergence is named.</summary>
    public static (Tensor Chosen, Tensor Rejected) Scores(this PairLogProbs pairs, Divergence? divergence) =>
        ((divergence ?? Usual).Score(pairs.ChosenRatio()), (divergence ?? Usual).Score(pairs.RejectedRatio()));

    /// <summary>Δ = s_w − s_l.</summary>
    public static Tensor Difference(this PairLogProbs pairs, Divergence? divergence = null)
    {
        var (chosen, rejected) = pairs.Scores(divergence);
        return chosen.Minus(rejected);
    }

    /// <summary>Δ of scores per token: s_w/n_w − s_l/n_l.</summary>
    public static Tensor MeanDifference(this PairLogProbs pairs, Divergence? divergence)
    {
        var (chosen, rejected) = pairs.Scores(divergence);
        return chosen.div(pairs.ChosenLengths).Minus(rejected.div(pairs.RejectedLengths));
    }

    /// <summary>Policy log-probabilities per token, (ā_w, ā_l).</summary>
    public static (Tensor Chosen, Tensor Rejected) Averages(this PairLogProbs pairs) =>
        (pairs.PolicyChosen.div(pairs.ChosenLengths), pairs.PolicyRejected.div(pairs.RejectedLengths));

    /// <summary>−log σ(x) as softplus(−x): finite for every x.</summary>
    public static Tensor NegativeLogSigmoid(Tensor x) => nn.functional.logsigmoid(x).neg();

    /// <summary>−(1−ε)·log σ(x) − ε·log σ(−x).</summary>
    public static Tensor Smoothed(Tensor x, double smoothing) => smoothing == 0
        ? NegativeLogSigmoid(x)
        : NegativeLogSigmoid(x).Times(1 - smoothing).Plus(NegativeLogSigmoid(x.neg()).Times(smoothing));

    /// <summary>max(0, 1 − x).</summary>
    public static Tensor Hinge(Tensor x) => x.neg().Plus(1).relu();

    /// <summary>Sorted from the smallest.</summary>
    public static Tensor Sorted(this Tensor x) => x.sort(0).Values;
}

using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Pieces that preference losses share.</summary>
internal static class PairMath
{
    /// <summary>Log-ratio of the chosen completions to the reference, r_w.</summary>
    public static Tensor ChosenRatio(this PairLogProbs pairs) => pairs.PolicyChosen.Minus(pairs.ReferenceChosen);

    /// <summary>Log-ratio of the rejected completions to the reference, r_l.</summary>
    public static Tensor RejectedRatio(this PairLogProbs pairs) => pairs.PolicyRejected.Minus(pairs.ReferenceRejected);

    /// <summary>Δ = r_w − r_l.</summary>
    public static Tensor Difference(this PairLogProbs pairs) => pairs.ChosenRatio().Minus(pairs.RejectedRatio());

    /// <summary>−log σ(x) as softplus(−x): finite for every x.</summary>
    public static Tensor NegativeLogSigmoid(Tensor x) => nn.functional.logsigmoid(x).neg();

    /// <summary>−(1−ε)·log σ(x) − ε·log σ(−x).</summary>
    public static Tensor Smoothed(Tensor x, double smoothing) => smoothing == 0
        ? NegativeLogSigmoid(x)
        : NegativeLogSigmoid(x).Times(1 - smoothing).Plus(NegativeLogSigmoid(x.neg()).Times(smoothing));
}

using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>A loss of preference pairs: a pure function of their log-probabilities. The batch's loss is the mean over the pairs.</summary>
/// <param name="Beta">β: how strongly the policy is held to the reference; also the scale of the rewards that are logged.</param>
public abstract record PreferenceLoss(double Beta)
{
    /// <summary>The loss of each pair.</summary>
    /// <returns>float32 [n].</returns>
    public abstract Tensor PerPair(PairLogProbs pairs);

    /// <summary>Direct preference optimization (Rafailov et al., arXiv 2305.18290, equation 7; VPO equation 4):
    /// −(1−ε)·log σ(βΔ) − ε·log σ(−βΔ), where Δ is the log-ratio of the chosen minus that of the rejected completion.</summary>
    /// <param name="Beta">β.</param>
    /// <param name="Smoothing">ε, from 0 to ½: the share of pairs taken to be mislabelled (conservative DPO).</param>
    public sealed record Sigmoid(double Beta = 0.1, double Smoothing = 0) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        public override Tensor PerPair(PairLogProbs pairs)
        {
            using var scope = NewDisposeScope();
            return PairMath.Smoothed(pairs.Difference().Times(Beta), Smoothing).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Negative log-likelihood of the chosen completions, in the mean over all their tokens in the batch (TRL's sft term);
    /// every pair gets the same value.</summary>
    public sealed record ChosenTokenMean() : PreferenceLoss(0)
    {
        /// <inheritdoc/>
        public override Tensor PerPair(PairLogProbs pairs)
        {
            using var scope = NewDisposeScope();
            var mean = pairs.PolicyChosen.sum().div(pairs.ChosenLengths.sum()).neg();
            return mean.expand(pairs.PolicyChosen.shape[0]).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Negative log-likelihood per token of each chosen completion (LLaMA-Factory's pref_ftx).</summary>
    public sealed record ChosenSequenceMean() : PreferenceLoss(0)
    {
        /// <inheritdoc/>
        public override Tensor PerPair(PairLogProbs pairs)
        {
            using var scope = NewDisposeScope();
            return pairs.PolicyChosen.div(pairs.ChosenLengths).neg().MoveToOuterDisposeScope();
        }
    }

    /// <summary>A weighted sum of losses; the first one's β is the scale of the rewards.</summary>
    /// <param name="Terms">At least one.</param>
    public sealed record Mix(params IReadOnlyList<(PreferenceLoss Loss, double Weight)> Terms) : PreferenceLoss(Terms[0].Loss.Beta)
    {
        /// <inheritdoc/>
        public override Tensor PerPair(PairLogProbs pairs)
        {
            using var scope = NewDisposeScope();
            var sum = Terms[0].Loss.PerPair(pairs).Times(Terms[0].Weight);
            foreach (var (loss, weight) in Terms.Skip(1))
                sum = sum.Plus(loss.PerPair(pairs).Times(weight));
            return sum.MoveToOuterDisposeScope();
        }

        /// <inheritdoc/>
        public override string ToString() => string.Join(" + ", Terms.Select(t => $"{t.Weight} {t.Loss}"));
    }
}

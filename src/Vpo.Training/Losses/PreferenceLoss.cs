using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>A loss of preference pairs: a pure function of their log-probabilities. The batch's loss is the mean over the pairs.</summary>
/// <remarks>Equations are those of docs/paper-map.md; where programs differ, each variant has its own name. r: log-ratio to the reference,
/// s: score of it under a <see cref="Divergence"/>, Δ = s_w − s_l, ā: log-probability per token, ε: label smoothing.</remarks>
/// <param name="Beta">β: how strongly the policy is held to the reference; also the scale of the rewards that are logged.</param>
public abstract partial record PreferenceLoss(double Beta)
{
    /// <summary>The loss of each pair; where pairs are compared across the batch (aot), in the order of sorting.</summary>
    /// <returns>float32 [n] (KTO in pairs: [2n], chosen terms first).</returns>
    public Tensor PerPair(PairLogProbs pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        using var scope = NewDisposeScope();
        var losses = Of(pairs);
        return (pairs.Weights is { } weights ? losses.mul(weights) : losses).MoveToOuterDisposeScope();
    }

    /// <summary>The rewards that are logged, [n] each: β·r with a reference, β·log π or β·ā without.</summary>
    public virtual (Tensor Chosen, Tensor Rejected) Rewards(PairLogProbs pairs) => (pairs.ChosenRatio().Times(Beta), pairs.RejectedRatio().Times(Beta));

    /// <summary>Whether a pair's loss does not depend on the other pairs of the batch.</summary>
    internal bool IsPerPair => this is Mix mix ? mix.Terms.All(t => t.Loss.IsPerPair) : this is not (ChosenTokenMean or Aot or AotUnpaired or KtoPair);

    /// <summary>The equation.</summary>
    protected abstract Tensor Of(PairLogProbs x);

    /// <summary>Direct preference optimization (arXiv 2305.18290, equation 7; VPO equation 4): −(1−ε)·log σ(βΔ) − ε·log σ(−βΔ).</summary>
    /// <param name="Beta">β.</param>
    /// <param name="Smoothing">ε, from 0 to ½: the share of pairs taken to be mislabelled (conservative DPO).</param>
    /// <param name="Divergence">Null: reverse KL.</param>
    public sealed record Sigmoid(double Beta = 0.1, double Smoothing = 0, Divergence? Divergence = null) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => PairMath.Smoothed(x.Difference(Divergence).Times(Beta), Smoothing);
    }

    /// <summary>Negative log-likelihood of the chosen completions, in the mean over all their tokens in the batch (TRL's sft term);
    /// every pair gets the same value.</summary>
    public sealed record ChosenTokenMean(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => x.ChosenLikelihood.sum().div(x.ChosenLengths.sum()).neg().expand(x.PolicyChosen.shape[0]);
    }

    /// <summary>−ā_w: negative log-likelihood per token of each chosen completion (LLaMA-Factory's pref_ftx).</summary>
    public sealed record ChosenSequenceMean(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => x.ChosenLikelihood.div(x.ChosenLengths).neg();
    }

    /// <summary>A weighted sum of losses (mixed preference optimization, arXiv 2411.10442); the first one's β is the scale of the rewards.</summary>
    /// <param name="Terms">At least one.</param>
    public sealed record Mix(params IReadOnlyList<(PreferenceLoss Loss, double Weight)> Terms) : PreferenceLoss(Terms[0].Loss.Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => Terms.Select(t => t.Loss.Of(x).Times(t.Weight)).Aggregate((a, b) => a.Plus(b));

        /// <inheritdoc/>
        public override (Tensor Chosen, Tensor Rejected) Rewards(PairLogProbs pairs) => Terms[0].Loss.Rewards(pairs);

        /// <inheritdoc/>
        public override string ToString() => string.Join(" + ", Terms.Select(t => $"{t.Weight} {t.Loss}"));
    }
}

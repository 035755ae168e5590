using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

public abstract partial record PreferenceLoss
{
    /// <summary>DPO for labels that are wrong with probability ε (arXiv 2403.00409): [−(1−ε)·log σ(βΔ) + ε·log σ(−βΔ)]/(1−2ε).</summary>
    /// <param name="Beta">β.</param>
    /// <param name="Smoothing">ε, from 0 to below ½.</param>
    /// <param name="Divergence">Null: reverse KL.</param>
    public sealed record Robust(double Beta = 0.1, double Smoothing = 0, Divergence? Divergence = null) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var scaled = x.Difference(Divergence).Times(Beta);
            return PairMath.NegativeLogSigmoid(scaled).Times(1 - Smoothing).Minus(PairMath.NegativeLogSigmoid(scaled.neg()).Times(Smoothing)).Times(1 / (1 - 2 * Smoothing));
        }
    }

    /// <summary>max(0, 1 − βΔ) (RSO, arXiv 2309.06657).</summary>
    public sealed record Hinge(double Beta = 0.1, Divergence? Divergence = null) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => PairMath.Hinge(x.Difference(Divergence).Times(Beta));
    }

    /// <summary>(s_w/n_w − s_l/n_l − 1/(2β))² (IPO, arXiv 2310.12036, per token: TRL, LLaMA-Factory).</summary>
    public sealed record Ipo(double Beta = 0.1, Divergence? Divergence = null) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => x.MeanDifference(Divergence).Plus(-1 / (2 * Beta)).Squared();
    }

    /// <summary>(Δ − 1/(2β))² with sums over tokens (the paper, OpenRLHF).</summary>
    public sealed record IpoOfSums(double Beta = 0.1, Divergence? Divergence = null) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => x.Difference(Divergence).Plus(-1 / (2 * Beta)).Squared();
    }

    /// <summary>σ(βΔ)(log σ(βΔ) − log(1−ε)) + σ(−βΔ)(log σ(−βΔ) − log ε) (EXO, arXiv 2402.00856).</summary>
    /// <param name="Beta">β.</param>
    /// <param name="Smoothing">ε, above 0 and below 1.</param>
    /// <param name="Divergence">Null: reverse KL.</param>
    public sealed record ExoPair(double Beta = 0.1, double Smoothing = 1e-3, Divergence? Divergence = null) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var scaled = x.Difference(Divergence).Times(Beta);
            Tensor Term(Tensor z, double share) => z.sigmoid().mul(PairMath.NegativeLogSigmoid(z).Plus(Math.Log(share)).neg());
            return Term(scaled, 1 - Smoothing).Plus(Term(scaled.neg(), Smoothing));
        }
    }

    /// <summary>−log σ(βr_w) − ½·log σ(−βr_w) − ½·log σ(−βr_l) (NCA, arXiv 2402.05369).</summary>
    public sealed record NcaPair(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var (chosen, rejected) = (x.ChosenRatio().Times(Beta), x.RejectedRatio().Times(Beta));
            var away = PairMath.NegativeLogSigmoid(chosen.neg()).Plus(PairMath.NegativeLogSigmoid(rejected.neg()));
            return PairMath.NegativeLogSigmoid(chosen).Plus(away.Times(0.5));
        }
    }

    /// <summary>−log σ(βr_w − δ) − log σ(−(βr_l − δ)) (BCO, arXiv 2404.04656): δ = 0 in TRL 1, the running mean of rewards in TRL 0.24 and LLaMA-Factory.</summary>
    /// <param name="Beta">β.</param>
    /// <param name="Shift">δ; see <see cref="RunningMean"/>.</param>
    public sealed record BcoPair(double Beta = 0.1, double Shift = 0) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => PairMath.NegativeLogSigmoid(x.ChosenRatio().Times(Beta).Plus(-Shift))
            .Plus(PairMath.NegativeLogSigmoid(x.RejectedRatio().Times(Beta).Plus(-Shift).neg()));
    }

    /// <summary>(s_w − 1/(2β))² + (s_l + 1/(2β))² (SPPO, arXiv 2405.00675, hard labels).</summary>
    public sealed record SppoHard(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => x.ChosenRatio().Plus(-1 / (2 * Beta)).Squared().Plus(x.RejectedRatio().Plus(1 / (2 * Beta)).Squared());
    }

    /// <summary>Compares sorted log-ratios of the batch, sort(log π_w − log π_l) − sort(log ref_w − log ref_l) (AOT, arXiv 2406.05882): the value depends on the batch.</summary>
    public sealed record Aot(double Beta = 0.1, double Smoothing = 0) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var (policy, reference) = (x.PolicyChosen.Minus(x.PolicyRejected).Sorted(), x.ReferenceChosen.Minus(x.ReferenceRejected).Sorted());
            return PairMath.Smoothed(policy.Minus(reference).Times(Beta), Smoothing);
        }
    }

    /// <summary>Compares sort(r_w) and sort(r_l) of the batch (AOT without pairing; TRL 0.24 calls it aot_pair).</summary>
    public sealed record AotUnpaired(double Beta = 0.1, double Smoothing = 0) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => PairMath.Smoothed(x.ChosenRatio().Sorted().Minus(x.RejectedRatio().Sorted()).Times(Beta), Smoothing);
    }

    /// <summary>1 − σ(βr_w) + σ(βr_l): the chosen up, the rejected down (APO, arXiv 2408.06266).</summary>
    public sealed record ApoZero(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => x.ChosenRatio().Times(-Beta).sigmoid().Plus(x.RejectedRatio().Times(Beta).sigmoid());
    }

    /// <summary>σ(βr_w) + 1 − σ(βΔ): both down, the rejected more (APO).</summary>
    public sealed record ApoDown(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => x.ChosenRatio().Times(Beta).sigmoid().Plus(x.Difference().Times(-Beta).sigmoid());
    }

    /// <summary>(1−m)(−log σ(βΔ)) + m·e^(−βΔ) with m = σ(βΔ/τ) (DiscoPOP, arXiv 2406.08414). Where e^(−βΔ) overflows m is 0 long since: the term is
    /// written e^(log m − βΔ), so that it is 0 and not NaN.</summary>
    /// <param name="Beta">β.</param>
    /// <param name="Temperature">τ.</param>
    /// <param name="Divergence">Null: reverse KL.</param>
    public sealed record Discopop(double Beta = 0.1, double Temperature = 0.05, Divergence? Divergence = null) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var scaled = x.Difference(Divergence).Times(Beta);
            var inner = scaled.Times(1 / Temperature);
            var exponential = PairMath.NegativeLogSigmoid(inner).neg().Minus(scaled).exp();
            return inner.neg().sigmoid().mul(PairMath.NegativeLogSigmoid(scaled)).Plus(exponential);
        }
    }

    /// <summary>−log σ(β(s_w/n_w − s_l/n_l)) (TRL's sigmoid_norm).</summary>
    public sealed record SigmoidOfMeans(double Beta = 0.1, Divergence? Divergence = null) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => PairMath.NegativeLogSigmoid(x.MeanDifference(Divergence).Times(Beta));
    }

    /// <summary>KTO on pairs (LLaMA-Factory, TRL 0.8): 1 − σ(β(r_w − K_l)) and 1 − σ(β(K_w − r_l)), K = max(0, mean r); gradients flow through K.</summary>
    public sealed record KtoPair(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var (chosen, rejected) = (x.ChosenRatio(), x.RejectedRatio());
            // clamp and not relu: at exactly 0 the reference lets the gradient through.
            var (chosenMean, rejectedMean) = (chosen.mean().Within(0, double.PositiveInfinity), rejected.mean().Within(0, double.PositiveInfinity));
            return cat([chosen.Minus(rejectedMean).Times(-Beta).sigmoid(), chosenMean.Minus(rejected).Times(-Beta).sigmoid()]);
        }
    }
}

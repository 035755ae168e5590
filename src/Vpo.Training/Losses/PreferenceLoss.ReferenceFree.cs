using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

public abstract partial record PreferenceLoss
{
    /// <summary>−log σ(β(ā_w − ā_l) − γ), smoothed by ε (SimPO, arXiv 2405.14734); needs no reference.</summary>
    /// <param name="Beta">β, usually 2 and more.</param>
    /// <param name="Margin">γ.</param>
    /// <param name="Smoothing">ε.</param>
    public sealed record Simpo(double Beta = 2, double Margin = 0.5, double Smoothing = 0) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        public override (Tensor Chosen, Tensor Rejected) Rewards(PairLogProbs pairs) => (pairs.Averages().Chosen.Times(Beta), pairs.Averages().Rejected.Times(Beta));

        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var (chosen, rejected) = x.Averages();
            return PairMath.Smoothed(chosen.Minus(rejected).Times(Beta).Plus(-Margin), Smoothing);
        }
    }

    /// <summary>SimPO with the reward (1 − p̄^(−α))/α, p̄ = e^ā (AlphaPO, arXiv 2501.03884).</summary>
    /// <param name="Alpha">α, not 0.</param>
    /// <param name="Beta">β.</param>
    /// <param name="Margin">γ.</param>
    public sealed record AlphaPo(double Alpha, double Beta = 2, double Margin = 0.5) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        public override (Tensor Chosen, Tensor Rejected) Rewards(PairLogProbs pairs) => (Reward(pairs.Averages().Chosen).Times(Beta), Reward(pairs.Averages().Rejected).Times(Beta));

        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var (chosen, rejected) = x.Averages();
            return PairMath.NegativeLogSigmoid(Reward(chosen).Minus(Reward(rejected)).Times(Beta).Plus(-Margin));
        }

        // expm1 keeps the difference of probabilities near 1.
        private Tensor Reward(Tensor average) => average.Times(-Alpha).expm1().Times(-1 / Alpha);
    }

    /// <summary>−log σ(β(log π_w − log π_l)), smoothed by ε (CPO, arXiv 2401.08417, without its NLL term).</summary>
    public sealed record Cpo(double Beta = 0.1, double Smoothing = 0) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        public override (Tensor Chosen, Tensor Rejected) Rewards(PairLogProbs pairs) => (pairs.PolicyChosen.Times(Beta), pairs.PolicyRejected.Times(Beta));

        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => PairMath.Smoothed(x.PolicyChosen.Minus(x.PolicyRejected).Times(Beta), Smoothing);
    }

    /// <summary>max(0, 1 − β(log π_w − log π_l)) (CPO's hinge).</summary>
    public sealed record CpoHinge(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        public override (Tensor Chosen, Tensor Rejected) Rewards(PairLogProbs pairs) => (pairs.PolicyChosen.Times(Beta), pairs.PolicyRejected.Times(Beta));

        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x) => PairMath.Hinge(x.PolicyChosen.Minus(x.PolicyRejected).Times(Beta));
    }

    /// <summary>(ā_w − ā_l − 1/(2β))² (CPO's ipo).</summary>
    public sealed record CpoIpo(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        public override (Tensor Chosen, Tensor Rejected) Rewards(PairLogProbs pairs) => (pairs.Averages().Chosen.Times(Beta), pairs.Averages().Rejected.Times(Beta));

        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var (chosen, rejected) = x.Averages();
            return chosen.Minus(rejected).Plus(-1 / (2 * Beta)).Squared();
        }
    }

    /// <summary>−β·log σ(o), o = (ā_w − ā_l) − [log(1−e^ā_w) − log(1−e^ā_l)]: the odds-ratio term of ORPO (arXiv 2403.07691); add an NLL term to it.</summary>
    public sealed record OddsRatio(double Beta = 0.1) : PreferenceLoss(Beta)
    {
        /// <inheritdoc/>
        public override (Tensor Chosen, Tensor Rejected) Rewards(PairLogProbs pairs) => (pairs.Averages().Chosen.Times(Beta), pairs.Averages().Rejected.Times(Beta));

        // A completion that is certain, ā = 0, has infinite odds.
        private const double LargestAverage = -1e-7;

        /// <inheritdoc/>
        protected override Tensor Of(PairLogProbs x)
        {
            var (chosen, rejected) = x.Averages();
            return PairMath.NegativeLogSigmoid(LogOdds(chosen).Minus(LogOdds(rejected))).Times(Beta);
        }

        private static Tensor LogOdds(Tensor average)
        {
            var bounded = average.Within(double.NegativeInfinity, LargestAverage);
            return bounded.Minus(bounded.expm1().neg().log());
        }
    }
}

using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>How far policy and reference are apart: turns a log-ratio r into the score s that losses compare (f-DPO, arXiv 2309.16240).
/// The scores are those of TRL 1.16, constants included; <see cref="LegacyAlpha"/> is that of TRL 0.24.</summary>
public abstract record Divergence
{
    // e^80 is still finite in float32.
    private const double LargestExponent = 80;

    /// <summary>s(r).</summary>
    public abstract Tensor Score(Tensor ratio);

    /// <summary>s = r: the usual one.</summary>
    public sealed record ReverseKl : Divergence
    {
        /// <inheritdoc/>
        public override Tensor Score(Tensor ratio) => ratio;
    }

    /// <summary>s = 1 − e^(−r).</summary>
    public sealed record ForwardKl : Divergence
    {
        /// <inheritdoc/>
        public override Tensor Score(Tensor ratio) => Exp(ratio.neg()).neg().Plus(1);
    }

    /// <summary>s = log 2 + log σ(r).</summary>
    public sealed record JensenShannon : Divergence
    {
        /// <inheritdoc/>
        public override Tensor Score(Tensor ratio) => PairMath.NegativeLogSigmoid(ratio).neg().Plus(Math.Log(2));
    }

    /// <summary>s = (e^((α−1)r) − 1)/(α−1); at α = 1 the reverse KL divergence.</summary>
    /// <param name="Coefficient">α.</param>
    public sealed record Alpha(double Coefficient) : Divergence
    {
        /// <inheritdoc/>
        public override Tensor Score(Tensor ratio)
        {
            var power = Coefficient - 1;
            return Math.Abs(power) < 1e-6 ? ratio : Exp(ratio.Times(power)).Plus(-1).Times(1 / power);
        }
    }

    /// <summary>s = (1 − e^(−αr))/α, the parametrisation of TRL 0.24.</summary>
    /// <param name="Coefficient">α, not 0.</param>
    public sealed record LegacyAlpha(double Coefficient) : Divergence
    {
        /// <inheritdoc/>
        public override Tensor Score(Tensor ratio) => Exp(ratio.Times(-Coefficient)).neg().Plus(1).Times(1 / Coefficient);
    }

    private static Tensor Exp(Tensor x) => x.Within(double.NegativeInfinity, LargestExponent).exp();
}

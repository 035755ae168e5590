using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Squared errors of policy and reference on the two samples of each pair; means over all elements of a sample, float32 [pairs].</summary>
/// <param name="PolicyChosen">Of the model being trained, on the preferred samples.</param>
/// <param name="PolicyRejected">On the others.</param>
/// <param name="ReferenceChosen">Of the frozen reference, on the preferred samples.</param>
/// <param name="ReferenceRejected">On the others.</param>
public sealed record DiffusionErrors(Tensor PolicyChosen, Tensor PolicyRejected, Tensor ReferenceChosen, Tensor ReferenceRejected)
{
    /// <summary>The errors of predictions.</summary>
    /// <param name="policy">Predictions of the policy, [2·pairs, ...]: all preferred samples, then all others.</param>
    /// <param name="reference">Those of the reference.</param>
    /// <param name="target">What should have been predicted.</param>
    /// <param name="weights">[pairs]: multiplies the errors of a pair; null: 1.</param>
    public static DiffusionErrors Of(Tensor policy, Tensor reference, Tensor target, Tensor? weights = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(target);
        using var scope = NewDisposeScope();
        (Tensor Chosen, Tensor Rejected) Split(Tensor predicted)
        {
            var errors = predicted.to(ScalarType.Float32).Minus(target).Squared().flatten(1).mean([1]);
            var halves = errors.chunk(2, 0);
            return weights is null
                ? (halves[0].MoveToOuterDisposeScope(), halves[1].MoveToOuterDisposeScope())
                : (halves[0].mul(weights).MoveToOuterDisposeScope(), halves[1].mul(weights).MoveToOuterDisposeScope());
        }
        var (ours, theirs) = (Split(policy), Split(reference));
        return new(ours.Chosen, ours.Rejected, theirs.Chosen, theirs.Rejected);
    }
}

/// <summary>Diffusion-DPO (arXiv 2311.12908): the chance that the pair is right way round is read off how much better than the reference each sample is denoised.</summary>
/// <param name="Beta">How strongly the policy is held to the reference. Errors are means, not sums, so it must be large: 500 (VisionReward) to 5000 (the authors).</param>
/// <param name="Factor">Multiplies β: 0.5 in the authors' code, 1 in diffusers' example. One β means twice the strength there.</param>
public sealed record DiffusionDpoLoss(double Beta = 500, double Factor = DiffusionDpoLoss.Authors)
{
    /// <summary>The factor of the authors' training code.</summary>
    public const double Authors = 0.5;

    /// <summary>The factor of diffusers' research example.</summary>
    public const double Diffusers = 1;

    /// <summary>factor·β·((ref_w − ref_l) − (policy_w − policy_l)), [pairs]: above 0 where the policy prefers the right sample more than the reference does.</summary>
    public Tensor Margins(DiffusionErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        using var scope = NewDisposeScope();
        var reference = errors.ReferenceChosen.Minus(errors.ReferenceRejected);
        var policy = errors.PolicyChosen.Minus(errors.PolicyRejected);
        return reference.Minus(policy).Times(Factor * Beta).MoveToOuterDisposeScope();
    }

    /// <summary>−log σ(margin), [pairs].</summary>
    public Tensor PerPair(DiffusionErrors errors)
    {
        using var margins = Margins(errors);
        return PerPair(margins);
    }

    internal static Tensor PerPair(Tensor margins)
    {
        using var scope = NewDisposeScope();
        return nn.functional.logsigmoid(margins).neg().MoveToOuterDisposeScope();
    }

    /// <summary>The share of pairs whose margin is above 0.</summary>
    /// <param name="errors">Of the pairs.</param>
    /// <param name="tiesHalf">Whether a margin of exactly 0, as in the first step, counts half (diffusers' example) or not at all (the authors).</param>
    public double Accuracy(DiffusionErrors errors, bool tiesHalf = false)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var zero = zeros_like(errors.PolicyChosen);
        var margins = Margins(errors);
        var right = margins.gt(zero).to(ScalarType.Float32).mean().item<float>();
        return tiesHalf ? right + margins.eq(zero).to(ScalarType.Float32).mean().item<float>() / 2 : right;
    }
}

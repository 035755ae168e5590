using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Losses of single completions that are good or bad, without pairs.</summary>
public static class KtoLoss
{
    /// <summary>KTO (arXiv 2402.01306): w·(1 − σ(β(r − K))) for desirable, w·(1 − σ(β(K − r))) for undesirable completions.</summary>
    /// <param name="ratios">Log-ratios r to the reference, [n].</param>
    /// <param name="desirable">Which are good.</param>
    /// <param name="divergence">K = max(0, mean log-ratio of mismatched completions), see <see cref="Baseline"/>; 0 gives APO-zero for single completions.</param>
    /// <param name="options">β and the two classes' weights.</param>
    /// <returns>[n]: the desirable ones first. The batch's loss is their mean.</returns>
    public static Tensor PerCompletion(Tensor ratios, bool[] desirable, double divergence, KtoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = NewDisposeScope();
        var up = Part(ratios, desirable, true).Plus(-divergence).Times(-options.Beta).sigmoid().Times(options.DesirableWeight);
        var down = Part(ratios, desirable, false).Plus(-divergence).Times(options.Beta).sigmoid().Times(options.UndesirableWeight);
        return cat([up, down]).MoveToOuterDisposeScope();
    }

    /// <summary>BCO (arXiv 2404.04656): −log σ(βr − δ) for desirable, −log σ(−(βr − δ)) for undesirable completions.</summary>
    /// <param name="ratios">Log-ratios r to the reference, [n].</param>
    /// <param name="desirable">Which are good.</param>
    /// <param name="beta">β.</param>
    /// <param name="shift">δ; see <see cref="RunningMean"/>.</param>
    /// <returns>[n]: the desirable ones first.</returns>
    public static Tensor BinaryPerCompletion(Tensor ratios, bool[] desirable, double beta, double shift)
    {
        using var scope = NewDisposeScope();
        var up = PairMath.NegativeLogSigmoid(Part(ratios, desirable, true).Times(beta).Plus(-shift));
        var down = PairMath.NegativeLogSigmoid(Part(ratios, desirable, false).Times(beta).Plus(-shift).neg());
        return cat([up, down]).MoveToOuterDisposeScope();
    }

    private static Tensor Part(Tensor ratios, bool[] desirable, bool good) =>
        ratios.index_select(0, tensor(Enumerable.Range(0, desirable.Length).Where(i => desirable[i] == good).Select(i => (long)i).ToArray(), device: ratios.device));

    /// <summary>K = max(0, mean of the log-ratios of completions that belong to other prompts); no gradient.</summary>
    public static double Baseline(Tensor mismatchedRatios) => Math.Max(0, MicroBatchMetrics.Mean(mismatchedRatios));
}

/// <summary>The numbers of KTO.</summary>
public sealed record KtoOptions
{
    /// <summary>β.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>Weight of desirable completions.</summary>
    public double DesirableWeight { get; init; } = 1;

    /// <summary>Weight of undesirable completions.</summary>
    public double UndesirableWeight { get; init; } = 1;
}

/// <summary>δ of BCO: the mean of all rewards seen, updated before use.</summary>
public sealed class RunningMean
{
    private double _sum;
    private long _count;

    /// <summary>The mean so far; 0 at the start.</summary>
    public double Value => _count == 0 ? 0 : _sum / _count;

    /// <summary>Counts a batch's mean as one value (BCO on pairs: each batch counts 1, whatever its size), or single rewards one by one.</summary>
    public double Update(params IReadOnlyCollection<double> values)
    {
        _sum += values.Sum();
        _count += values.Count;
        return Value;
    }
}

using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>What is measured in one micro-batch. A step's values are plain means over its micro-batches, as TRL has them.</summary>
/// <param name="Entropy">Mean over trained tokens, in nats.</param>
/// <param name="TokenAccuracy">Share of most-likely tokens among trained ones (of preferences: of chosen completions).</param>
public sealed record MicroBatchMetrics(double Entropy, double TokenAccuracy)
{
    /// <summary>Of preference pairs; null in supervised training.</summary>
    public PairMetrics? Pairs { get; init; }

    internal static MicroBatchMetrics Of(TokenStatistics statistics) => new(Mean(statistics.Entropy), Mean(statistics.Hits));

    internal static MicroBatchMetrics Of(TokenStatistics statistics, PairLogProbs pairs, TokenBatch batch, PreferenceLoss loss)
    {
        using var scope = NewDisposeScope();
        var chosen = batch.TrainedPerRow.Take(batch.Rows / 2).Sum();
        var rejected = batch.TrainedTokens - chosen;
        return new(Mean(statistics.Entropy), Mean(statistics.Hits.narrow(0, 0, chosen)))
        {
            Pairs = PairMetrics.Of(pairs, loss) with
            {
                ChosenLogit = Mean(statistics.MeanLogits.narrow(0, 0, chosen)),
                RejectedLogit = Mean(statistics.MeanLogits.narrow(0, chosen, rejected)),
            },
        };
    }

    internal static double Mean(Tensor values)
    {
        using var mean = values.detach().mean();
        return mean.item<float>();
    }
}

/// <summary>What is measured of the pairs of one micro-batch: means over its pairs.</summary>
public sealed record PairMetrics
{
    /// <summary>β · log-ratio of the chosen completions.</summary>
    public double ChosenReward { get; init; }

    /// <summary>β · log-ratio of the rejected completions.</summary>
    public double RejectedReward { get; init; }

    /// <summary>Share of pairs whose chosen reward is strictly greater: 0 at the start, when all are equal.</summary>
    public double Accuracy { get; init; }

    /// <summary>Chosen minus rejected reward.</summary>
    public double Margin { get; init; }

    /// <summary>Summed log-probability of the chosen completions.</summary>
    public double ChosenLogProb { get; init; }

    /// <summary>Summed log-probability of the rejected completions.</summary>
    public double RejectedLogProb { get; init; }

    /// <summary>Mean logit over the tokens of chosen completions.</summary>
    public double ChosenLogit { get; init; }

    /// <summary>Mean logit over the tokens of rejected completions.</summary>
    public double RejectedLogit { get; init; }

    /// <summary>Log-ratio of the chosen completions, in nats.</summary>
    public double ChosenDrift { get; init; }

    /// <summary>Measures log-probabilities.</summary>
    /// <param name="pairs">Of policy and reference.</param>
    /// <param name="loss">Says what the rewards are.</param>
    public static PairMetrics Of(PairLogProbs pairs, PreferenceLoss loss)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (chosen, rejected) = loss.Rewards(pairs);
        return new()
        {
            ChosenReward = MicroBatchMetrics.Mean(chosen),
            RejectedReward = MicroBatchMetrics.Mean(rejected),
            Accuracy = MicroBatchMetrics.Mean(chosen.gt(rejected).to(ScalarType.Float32)),
            Margin = MicroBatchMetrics.Mean(chosen.Minus(rejected)),
            ChosenLogProb = MicroBatchMetrics.Mean(pairs.PolicyChosen),
            RejectedLogProb = MicroBatchMetrics.Mean(pairs.PolicyRejected),
            ChosenDrift = MicroBatchMetrics.Mean(pairs.ChosenRatio()),
        };
    }
}

/// <summary>The micro-batches of a step, or of several.</summary>
public sealed class MetricsWindow
{
    private readonly List<MicroBatchMetrics> _parts = [];

    /// <summary>Adds a micro-batch.</summary>
    public void Add(MicroBatchMetrics part) => _parts.Add(part);

    /// <summary>Plain means over the micro-batches, whatever their sizes.</summary>
    /// <param name="point">Holds what is not a mean: step, rate, loss, norm, tokens.</param>
    public TrainingPoint Fill(TrainingPoint point)
    {
        double? Mean(Func<PairMetrics, double> value) => _parts.All(p => p.Pairs is not null) ? _parts.Average(p => value(p.Pairs!)) : null;
        return point with
        {
            Entropy = _parts.Average(p => p.Entropy),
            TokenAccuracy = _parts.Average(p => p.TokenAccuracy),
            ChosenReward = Mean(p => p.ChosenReward),
            RejectedReward = Mean(p => p.RejectedReward),
            Accuracy = Mean(p => p.Accuracy),
            Margin = Mean(p => p.Margin),
            ChosenLogProb = Mean(p => p.ChosenLogProb),
            RejectedLogProb = Mean(p => p.RejectedLogProb),
            ChosenLogit = Mean(p => p.ChosenLogit),
            RejectedLogit = Mean(p => p.RejectedLogit),
            ChosenDrift = Mean(p => p.ChosenDrift),
        };
    }
}

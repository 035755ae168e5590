using Vpo.Models.Tensors;
using Vpo.Training.Groups;
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
    private int _weight;

    /// <summary>Adds a micro-batch.</summary>
    /// <param name="part">What was measured.</param>
    /// <param name="weight">Counts in a group of processes: how many examples it was measured on.</param>
    public void Add(MicroBatchMetrics part, int weight = 1)
    {
        _parts.Add(part);
        _weight += weight;
    }

    /// <summary>The same over all processes of a group: their means, weighted by their examples. A process may have had none.</summary>
    internal TrainingPoint Fill(TrainingPoint point, IWorkGroup? group)
    {
        if (group is null)
            return Fill(point);
        using var scope = NewDisposeScope();
        var own = _parts.Count == 0 ? new double?[Values] : [.. Means()];
        var numbers = tensor([.. own.Select(v => (float)((v ?? 0) * _weight)), .. own.Select(v => v is null ? 0f : _weight)]);
        group.Sum(numbers);
        var sums = numbers.data<float>().ToArray();
        return With(point, [.. Enumerable.Range(0, Values).Select(i => sums[i + Values] > 0 ? (double?)(sums[i] / sums[i + Values]) : null)]);
    }

    /// <summary>Plain means over the micro-batches, whatever their sizes.</summary>
    /// <param name="point">Holds what is not a mean: step, rate, loss, norm, tokens.</param>
    public TrainingPoint Fill(TrainingPoint point) => With(point, [.. Means()]);

    private const int Values = 11;

    private IEnumerable<double?> Means()
    {
        double? Mean(Func<PairMetrics, double> value) => _parts.All(p => p.Pairs is not null) ? _parts.Average(p => value(p.Pairs!)) : null;
        return
        [
            _parts.Average(p => p.Entropy), _parts.Average(p => p.TokenAccuracy), Mean(p => p.ChosenReward), Mean(p => p.RejectedReward), Mean(p => p.Accuracy), Mean(p => p.Margin),
            Mean(p => p.ChosenLogProb), Mean(p => p.RejectedLogProb), Mean(p => p.ChosenLogit), Mean(p => p.RejectedLogit), Mean(p => p.ChosenDrift),
        ];
    }

    private static TrainingPoint With(TrainingPoint point, double?[] values) => point with
    {
        Entropy = values[0] ?? 0,
        TokenAccuracy = values[1] ?? 0,
        ChosenReward = values[2],
        RejectedReward = values[3],
        Accuracy = values[4],
        Margin = values[5],
        ChosenLogProb = values[6],
        RejectedLogProb = values[7],
        ChosenLogit = values[8],
        RejectedLogit = values[9],
        ChosenDrift = values[10],
    };
}

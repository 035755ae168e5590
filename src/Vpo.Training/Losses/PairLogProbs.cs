using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Log-probabilities of a batch of pairs, each float32 [n]: sums over the tokens of a completion.</summary>
/// <param name="PolicyChosen">log π(y_w|x).</param>
/// <param name="PolicyRejected">log π(y_l|x).</param>
/// <param name="ReferenceChosen">log π_ref(y_w|x).</param>
/// <param name="ReferenceRejected">log π_ref(y_l|x).</param>
public sealed record PairLogProbs(Tensor PolicyChosen, Tensor PolicyRejected, Tensor ReferenceChosen, Tensor ReferenceRejected)
{
    /// <summary>Tokens of the chosen completions, float32 [n].</summary>
    public required Tensor ChosenLengths { get; init; }

    /// <summary>Tokens of the rejected completions, float32 [n].</summary>
    public required Tensor RejectedLengths { get; init; }

    /// <summary>Multiplies the loss of each pair, [n], without a gradient; null: 1. See <see cref="SequenceWeights.OfPolicy"/>.</summary>
    public Tensor? Weights { get; init; }

    /// <summary>log π(y_w|x) for likelihood terms: other than <see cref="PolicyChosen"/> where that one counts late tokens less.</summary>
    public Tensor ChosenLikelihood { get => field ?? PolicyChosen; init; }

    /// <summary>Pairs from rows in the order of a <see cref="TokenBatch"/>: the chosen ones, then the rejected ones.</summary>
    /// <param name="policy">float32 [2n].</param>
    /// <param name="reference">float32 [2n].</param>
    /// <param name="batch">The rows.</param>
    public static PairLogProbs Of(Tensor policy, Tensor reference, TokenBatch batch)
    {
        var n = batch.Rows / 2;
        var lengths = tensor(batch.TrainedPerRow.Select(t => (float)t).ToArray(), device: policy.device);
        return new(policy.narrow(0, 0, n), policy.narrow(0, n, n), reference.narrow(0, 0, n), reference.narrow(0, n, n))
        {
            ChosenLengths = lengths.narrow(0, 0, n),
            RejectedLengths = lengths.narrow(0, n, n),
        };
    }
}

using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Weights of tokens and of pairs.</summary>
public static class SequenceWeights
{
    /// <summary>LD-DPO (arXiv 2409.06411): tokens of a completion beyond the length of the pair's shorter one count α instead of 1.</summary>
    /// <param name="batch">Rows in pairs: the chosen ones, then the rejected ones.</param>
    /// <param name="alpha">α from 0 (late tokens do not count) to 1 (plain).</param>
    /// <param name="device">Where the result is wanted.</param>
    /// <returns>float32 [N], for the batch's trained tokens.</returns>
    public static Tensor LengthDesensitized(TokenBatch batch, double alpha, Device device)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var pairs = batch.Rows / 2;
        var weights = batch.TrainedPerRow.SelectMany((count, row) =>
        {
            var shorter = Math.Min(count, batch.TrainedPerRow[(row + pairs) % batch.Rows]);
            return Enumerable.Range(0, count).Select(t => t < shorter ? 1f : (float)alpha);
        });
        return tensor(weights.ToArray(), device: device);
    }

    /// <summary>WPO (arXiv 2406.11827): w = exp(mean_t[log p_t − log Σ p²]) of each completion under the policy, w_w·w_l of a pair; no gradient.</summary>
    /// <param name="tokens">Log-probabilities of the batch's trained tokens.</param>
    /// <param name="statistics">Of the same tokens.</param>
    /// <param name="batch">Rows in pairs.</param>
    /// <returns>float32 [n].</returns>
    public static Tensor OfPolicy(Tensor tokens, TokenStatistics statistics, TokenBatch batch)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var lengths = tensor(batch.TrainedPerRow.Select(t => (float)t).ToArray(), device: tokens.device);
        var perRow = SequenceLogProbs.SumByRow(tokens.detach().Minus(statistics.LogCollision), batch).div(lengths).exp();
        var pairs = batch.Rows / 2;
        return perRow.narrow(0, 0, pairs).mul(perRow.narrow(0, pairs, pairs)).MoveToOuterDisposeScope();
    }
}

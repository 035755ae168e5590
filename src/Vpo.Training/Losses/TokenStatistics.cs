using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>What is logged about each trained token; no gradients.</summary>
/// <param name="Entropy">float32 [N]: −Σ p log p of the prediction, in nats.</param>
/// <param name="Hits">float32 [N]: 1 where the most likely token is the target.</param>
/// <param name="MeanLogits">float32 [N]: the mean logit over the vocabulary.</param>
/// <param name="LogCollision">float32 [N]: log Σ p², the log of the chance that two samples agree.</param>
public sealed record TokenStatistics(Tensor Entropy, Tensor Hits, Tensor MeanLogits, Tensor LogCollision)
{
    /// <summary>From float32 logits [n, V] and targets [n, 1].</summary>
    internal static TokenStatistics Of(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var log = logits.log_softmax(-1);
        var probabilities = log.exp();
        var entropy = probabilities.mul(log).sum(-1).neg();
        var hits = logits.argmax(-1, keepdim: true).eq(targets).squeeze(1).to(ScalarType.Float32);
        return new TokenStatistics(entropy, hits, logits.mean([-1]), probabilities.Squared().sum(-1).log()).MoveToOuterDisposeScope();
    }

    internal static TokenStatistics Join(IEnumerable<TokenStatistics> parts, Func<Tensor, Tensor>? arrange = null)
    {
        var list = parts.ToList();
        Tensor Joined(Func<TokenStatistics, Tensor> values) => cat([.. list.Select(values)]) is var all && arrange is not null ? arrange(all) : all;
        return new(Joined(p => p.Entropy), Joined(p => p.Hits), Joined(p => p.MeanLogits), Joined(p => p.LogCollision));
    }

    internal Tensor[] Tensors => [Entropy, Hits, MeanLogits, LogCollision];

    internal TokenStatistics MoveToOuterDisposeScope()
    {
        Array.ForEach(Tensors, tensor => tensor.MoveToOuterDisposeScope());
        return this;
    }
}

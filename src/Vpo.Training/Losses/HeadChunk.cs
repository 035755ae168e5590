using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>The head on some positions: log-probabilities of the targets, and the gradient of the logits written by hand.</summary>
/// <param name="Recorded">[n, V] logits in the model's type, with their graph.</param>
/// <param name="Logits">[n, V] the same in float32, without a graph.</param>
/// <param name="Normaliser">[n, 1] log Σ exp.</param>
/// <param name="Targets">[n, 1] ids.</param>
internal sealed record HeadChunk(Tensor Recorded, Tensor Logits, Tensor Normaliser, Tensor Targets)
{
    public static HeadChunk Of(LlamaModel model, Tensor hidden, Tensor targets) => Of(model.Head(hidden), targets);

    public static HeadChunk Of(Tensor recorded, Tensor targets)
    {
        var logits = recorded.detach().to(ScalarType.Float32);
        return new(recorded, logits, logits.logsumexp(-1, keepdim: true), targets);
    }

    public Tensor[] Tensors => [Recorded, Logits, Normaliser];

    /// <summary>float32 [n].</summary>
    public Tensor LogProbs => Logits.gather(1, Targets).Minus(Normaliser).squeeze(1);

    /// <summary>d log p(target) / d logits = one-hot − softmax, times the upstream gradient [n].</summary>
    public void Backward(Tensor upstream)
    {
        using var scope = NewDisposeScope();
        using var gradient = Gradient(upstream.unsqueeze(1));
        Recorded.backward([gradient]);
    }

    private Tensor Gradient(Tensor upstream)
    {
        using var _ = no_grad();
        var gradient = Logits.Minus(Normaliser).exp_().mul_(upstream.neg()).scatter_add_(1, Targets, upstream);
        return gradient.to(Recorded.dtype);
    }
}

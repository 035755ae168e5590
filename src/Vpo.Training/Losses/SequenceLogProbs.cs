using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>
/// What a language model gives each trained token of a batch: its log-probability, in float32. The only place that shifts: the token at t is
/// predicted by the hidden state at t−1. The head runs on those positions alone, and logits of many tokens are made in chunks that are not kept.
/// </summary>
/// <remarks>
/// A loss is formed from <see cref="Tokens"/>; <see cref="Backward"/> then carries its gradient through head and model. The gradient of the
/// logits, (one-hot − softmax) · g, is written down here rather than recorded: no copy of [tokens, vocabulary] outlives the pass.
/// Made and used within one dispose scope.
/// </remarks>
public sealed class SequenceLogProbs
{
    // Float32 logits of one chunk: 32 MB, above which the C allocator pages them in anew each time (measured: notes/torchsharp.md 1).
    private const long LargestChunk = 8 << 20;

    private readonly LlamaModel _model;
    private readonly TokenBatch _batch;
    private readonly Tensor _targets, _hidden;
    private readonly HeadChunk? _whole;
    private readonly int _chunk;

    private SequenceLogProbs(LlamaModel model, TokenBatch batch, int chunk)
    {
        (_model, _batch, _chunk) = (model, batch, chunk);
        _targets = batch.Ids.view(-1).index_select(0, batch.TrainedAt).unsqueeze(1);
        var states = model.Hidden(batch.Ids);
        _hidden = states.view(-1, states.shape[2]).index_select(0, batch.TrainedAt.Minus(ones_like(batch.TrainedAt)));
        var total = batch.TrainedTokens;
        if (total <= chunk)
        {
            _whole = HeadChunk.Of(model, _hidden, _targets);
            (Tokens, Statistics) = (_whole.LogProbs, TokenStatistics.Of(_whole.Logits, _targets));
        }
        else
        {
            (Tokens, Statistics) = InChunks(total);
        }
        Tokens = Tokens.detach().requires_grad_();
    }

    /// <summary>float32 [N]: log-probability of each trained token, in the order of the batch. A leaf: losses may be formed from it.</summary>
    public Tensor Tokens { get; }

    /// <summary>Entropy, hits and mean logit of each trained token.</summary>
    public TokenStatistics Statistics { get; }

    /// <summary>Runs the model. Gradients can be taken afterwards if its parameters require them.</summary>
    /// <param name="model">The policy, or a reference.</param>
    /// <param name="batch">What to score.</param>
    /// <param name="chunk">Most tokens whose logits are in memory at once; null chooses.</param>
    public static SequenceLogProbs Of(LlamaModel model, TokenBatch batch, int? chunk = null) =>
        new(model, batch, chunk ?? (int)Math.Max(64, LargestChunk / model.Config.VocabularySize));

    /// <summary>float32 [rows]: sums over the trained tokens of each row.</summary>
    public Tensor RowSums() => SumByRow(Tokens, _batch);

    /// <summary>Sums values of trained tokens, [N], by row.</summary>
    public static Tensor SumByRow(Tensor tokens, TokenBatch batch) =>
        zeros(batch.Rows, dtype: tokens.dtype, device: tokens.device).index_add(0, batch.TrainedRow, tokens, Scalars.One);

    /// <summary>Adds the gradient of a loss of <see cref="Tokens"/> to the parameters.</summary>
    /// <param name="loss">A number.</param>
    public void Backward(Tensor loss)
    {
        using var scope = NewDisposeScope();
        loss.backward();
        var upstream = Tokens.grad!;
        if (_whole is not null)
            _whole.Backward(upstream);
        else
            BackwardInChunks(upstream);
    }

    private (Tensor, TokenStatistics) InChunks(int total)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var parts = new List<(Tensor LogProbs, TokenStatistics Statistics)>();
        for (var at = 0; at < total; at += _chunk)
        {
            using var inner = NewDisposeScope();
            var (hidden, targets) = Slice(at, total);
            var part = HeadChunk.Of(_model, hidden, targets);
            var statistics = TokenStatistics.Of(part.Logits, targets);
            parts.Add((part.LogProbs.MoveToOuterDisposeScope(), statistics.MoveToOuterDisposeScope()));
        }
        return (cat([.. parts.Select(p => p.LogProbs)]).MoveToOuterDisposeScope(), TokenStatistics.Join(parts.Select(p => p.Statistics)).MoveToOuterDisposeScope());
    }

    private void BackwardInChunks(Tensor upstream)
    {
        var gradient = zeros_like(_hidden);
        var total = _batch.TrainedTokens;
        for (var at = 0; at < total; at += _chunk)
        {
            using var scope = NewDisposeScope();
            var (hidden, targets) = Slice(at, total);
            var leaf = hidden.detach().requires_grad_();
            var count = targets.shape[0];
            HeadChunk.Of(_model, leaf, targets).Backward(upstream.narrow(0, at, count));
            gradient.narrow(0, at, count).copy_(leaf.grad!);
        }
        _hidden.backward([gradient]);
    }

    private (Tensor Hidden, Tensor Targets) Slice(int at, int total)
    {
        var count = Math.Min(_chunk, total - at);
        return (_hidden.narrow(0, at, count), _targets.narrow(0, at, count));
    }
}

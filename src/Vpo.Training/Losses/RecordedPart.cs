using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>
/// Padded rows through the model with recorded graphs: what biases, factors on the head and tiny models take. The head runs in chunks where its logits
/// would be large; they are then made a second time for the gradient.
/// </summary>
/// <remarks>Owns its tensors outside of dispose scopes, because forward and backward pass may be separate jobs of a thread.</remarks>
internal sealed class RecordedPart : IScoredPart
{
    private readonly LlamaModel _model;
    private readonly int _total, _chunk;
    private readonly Tensor _targets, _hidden;
    private readonly HeadChunk? _whole;

    public RecordedPart(LlamaModel model, TokenBatch batch, int chunk)
    {
        using var scope = NewDisposeScope();
        (_model, _total, _chunk) = (model, batch.TrainedTokens, chunk);
        _targets = batch.Ids.view(-1).index_select(0, batch.TrainedAt).unsqueeze(1);
        var states = model.Hidden(batch.Ids);
        _hidden = states.view(-1, states.shape[2]).index_select(0, batch.TrainedAt.Minus(ones_like(batch.TrainedAt)));
        if (_total <= chunk)
        {
            _whole = HeadChunk.Of(model, _hidden, _targets);
            (LogProbs, Statistics) = (_whole.LogProbs, TokenStatistics.Of(_whole.Logits, _targets));
        }
        else
        {
            (LogProbs, Statistics) = InChunks();
        }
        foreach (var tensor in Owned)
            tensor.DetachFromDisposeScope();
    }

    public Tensor LogProbs { get; }

    public TokenStatistics Statistics { get; }

    private IEnumerable<Tensor> Owned => [_targets, _hidden, LogProbs, .. Statistics.Tensors, .. _whole?.Tensors ?? []];

    public void Backward(Tensor upstream)
    {
        using var scope = NewDisposeScope();
        if (_whole is not null)
        {
            _whole.Backward(upstream);
            return;
        }
        var gradient = zeros_like(_hidden);
        for (var at = 0; at < _total; at += _chunk)
        {
            using var inner = NewDisposeScope();
            var (hidden, targets) = Slice(at);
            var leaf = hidden.detach().requires_grad_();
            var count = targets.shape[0];
            HeadChunk.Of(_model, leaf, targets).Backward(upstream.narrow(0, at, count));
            gradient.narrow(0, at, count).copy_(leaf.grad!);
        }
        _hidden.backward([gradient]);
    }

    public void Dispose()
    {
        foreach (var tensor in Owned)
            tensor.Dispose();
    }

    private (Tensor, TokenStatistics) InChunks()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var parts = new List<(Tensor LogProbs, TokenStatistics Statistics)>();
        for (var at = 0; at < _total; at += _chunk)
        {
            using var inner = NewDisposeScope();
            var (hidden, targets) = Slice(at);
            var part = HeadChunk.Of(_model, hidden, targets);
            var statistics = TokenStatistics.Of(part.Logits, targets);
            parts.Add((part.LogProbs.MoveToOuterDisposeScope(), statistics.MoveToOuterDisposeScope()));
        }
        return (cat([.. parts.Select(p => p.LogProbs)]).MoveToOuterDisposeScope(), TokenStatistics.Join(parts.Select(p => p.Statistics)).MoveToOuterDisposeScope());
    }

    private (Tensor Hidden, Tensor Targets) Slice(int at)
    {
        var count = Math.Min(_chunk, _total - at);
        return (_hidden.narrow(0, at, count), _targets.narrow(0, at, count));
    }
}

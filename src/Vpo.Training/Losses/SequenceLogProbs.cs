using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>
/// What a language model gives each trained token of a batch: its log-probability, in float32. The only place (with its parts) that shifts: the
/// token at t is predicted by the hidden state at t−1. The head runs on those positions alone, and logits of many tokens are not kept.
/// </summary>
/// <remarks>
/// A loss is formed from <see cref="Tokens"/>; <see cref="Backward"/> then carries its gradient through head and model. The gradient of the
/// logits, (one-hot − softmax) · g, is written down here rather than recorded: no copy of [tokens, vocabulary] outlives the pass.
/// </remarks>
public sealed class SequenceLogProbs : IDisposable
{
    // Float32 logits of one chunk: 32 MB, above which the C allocator pages them in anew each time (measured: notes/torchsharp.md 1).
    private const long LargestChunk = 8 << 20;

    private readonly TokenBatch _batch;
    private readonly Lanes? _lanes;
    private readonly ScoredPart[] _parts;

    private SequenceLogProbs(TokenBatch batch, Lanes? lanes, ScoredPart[] parts)
    {
        (_batch, _lanes, _parts) = (batch, lanes, parts);
        using var scope = NewDisposeScope();
        Tokens = cat([.. parts.Select(p => p.LogProbs)]).requires_grad_().DetachFromDisposeScope();
        Statistics = TokenStatistics.Join(parts.Select(p => p.Statistics));
        foreach (var tensor in Statistics.Tensors)
            tensor.DetachFromDisposeScope();
    }

    /// <summary>float32 [N]: log-probability of each trained token, in the order of the batch. A leaf: losses may be formed from it.</summary>
    public Tensor Tokens { get; }

    /// <summary>Entropy, hits and mean logit of each trained token.</summary>
    public TokenStatistics Statistics { get; }

    /// <summary>Runs the model. Gradients can be taken afterwards if its parameters require them.</summary>
    /// <param name="model">The policy, or a reference.</param>
    /// <param name="batch">What to score.</param>
    /// <param name="chunk">Most tokens whose logits are in memory at once; null chooses.</param>
    public static SequenceLogProbs Of(LlamaModel model, TokenBatch batch, int? chunk = null) => Of(model, batch, null, chunk);

    internal static SequenceLogProbs Of(LlamaModel model, TokenBatch batch, Lanes? lanes, int? chunk = null)
    {
        var size = chunk ?? (int)Math.Max(64, LargestChunk / model.Config.VocabularySize);
        if (lanes is null or { Count: 1 })
            return new(batch, null, [new ScoredPart(model, batch, size)]);
        var split = batch.Split(lanes.Count);
        var parts = new ScoredPart[split.Count];
        lanes.Run(split.Count, i =>
        {
            parts[i] = new(model, split[i], size);
            split[i].Dispose();
        });
        return new(batch, lanes, parts);
    }

    /// <summary>float32 [rows]: sums over the trained tokens of each row.</summary>
    /// <param name="lateTokens">How much tokens beyond the shorter completion of the pair count (<see cref="SequenceWeights.LengthDesensitized"/>); null: as all others.</param>
    public Tensor RowSums(double? lateTokens = null)
    {
        using var scope = NewDisposeScope();
        var tokens = lateTokens is { } alpha ? Tokens.mul(SequenceWeights.LengthDesensitized(_batch, alpha, Tokens.device)) : Tokens;
        return SumByRow(tokens, _batch).MoveToOuterDisposeScope();
    }

    /// <summary>Sums values of trained tokens, [N], by row.</summary>
    public static Tensor SumByRow(Tensor tokens, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        return zeros(batch.Rows, dtype: tokens.dtype, device: tokens.device).index_add(0, batch.TrainedRow, tokens, Scalars.One).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradient of a loss of <see cref="Tokens"/> to the parameters.</summary>
    /// <param name="loss">A number.</param>
    public void Backward(Tensor loss)
    {
        loss.backward();
        using var gradient = Tokens.grad!;
        var starts = new long[_parts.Length];
        for (var i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + _parts[i - 1].LogProbs.shape[0];
        void Part(int i)
        {
            using var own = gradient.narrow(0, starts[i], _parts[i].LogProbs.shape[0]);
            _parts[i].Backward(own);
        }
        if (_lanes is null)
            Part(0);
        else
            _lanes.Run(_parts.Length, Part);
    }

    /// <summary>Frees the pass.</summary>
    public void Dispose()
    {
        Array.ForEach(_parts, part => part.Dispose());
        foreach (var tensor in (Tensor[])[Tokens, .. Statistics.Tensors])
            tensor.Dispose();
    }
}

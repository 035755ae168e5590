using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using Vpo.Training.Passes;
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

    // A guess, not measured: in narrower models the many small products of a packed batch cost more than the tokens they save.
    private const long WideEnough = 256;

    private readonly TokenBatch _batch;
    private readonly Lanes? _lanes;
    private readonly IScoredPart[] _parts;
    private readonly Tensor[] _places;   // int64: where the tokens of each part are in the batch

    private SequenceLogProbs(TokenBatch batch, Lanes? lanes, IScoredPart[] parts, IReadOnlyList<int[]> rows)
    {
        (_batch, _lanes, _parts) = (batch, lanes, parts);
        using var scope = NewDisposeScope();
        _places = [.. rows.Select(r => tensor(batch.TokensOf(r), device: batch.Ids.device).DetachFromDisposeScope())];
        using var order = parts.Length == 1 ? null : cat(_places).argsort();
        Tensor InOrder(Tensor joined) => order is null ? joined : joined.index_select(0, order);
        Tokens = InOrder(cat([.. parts.Select(p => p.LogProbs)])).requires_grad_().DetachFromDisposeScope();
        Statistics = TokenStatistics.Join(parts.Select(p => p.Statistics), InOrder);
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
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">A packed layout is asked for by name and the model has biases, or low-rank factors on its head.</exception>
    public static SequenceLogProbs Of(LlamaModel model, TokenBatch batch, ScoringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        options ??= new();
        var layout = LayoutOf(model, options);
        var split = batch.Split(options.Lanes?.Count ?? 1, alike: layout != RowLayout.Padded);
        var parts = new IScoredPart[split.Count];
        void Part(int i) => parts[i] = Score(model, batch.Rows == split[i].Length ? batch.Examples : [.. split[i].Select(r => batch.Examples[r])], layout, options with { Noise = options.Noise?.OfPart(i) });
        if (options.Lanes is { Count: > 1 } lanes)
            lanes.Run(split.Count, Part);
        else
            Part(0);
        return new(batch, options.Lanes, parts, split);
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

    /// <summary>Adds the gradient of a loss of <see cref="Tokens"/> to the parameters. Once.</summary>
    /// <param name="loss">A number.</param>
    public void Backward(Tensor loss)
    {
        loss.backward();
        using var gradient = Tokens.grad!;
        void Part(int i)
        {
            using var own = _parts.Length == 1 ? gradient.alias() : gradient.index_select(0, _places[i]);
            _parts[i].Backward(own);
        }
        if (_lanes is { Count: > 1 })
            _lanes.Run(_parts.Length, Part);
        else
            Part(0);
    }

    /// <summary>Frees the pass.</summary>
    public void Dispose()
    {
        Array.ForEach(_parts, part => part.Dispose());
        foreach (var tensor in (Tensor[])[Tokens, .. Statistics.Tensors, .. _places])
            tensor.Dispose();
    }

    private static IScoredPart Score(LlamaModel model, IReadOnlyList<TokenizedExample> rows, RowLayout layout, ScoringOptions options)
    {
        if (layout != RowLayout.Padded)
            return new PackedPart(model, PackedRows.Of(rows, layout), options);
        using var padded = TokenBatch.Of(rows, model.Device);
        return new RecordedPart(model, padded, options.Chunk ?? (int)Math.Max(64, LargestChunk / model.Config.VocabularySize));
    }

    private static RowLayout LayoutOf(LlamaModel model, ScoringOptions options)
    {
        var needsPacking = options.Recompute || options.Noise is not null || options.Completed is not null || options.Layout is not (RowLayout.Automatic or RowLayout.Padded);
        if (needsPacking && (options.Layout == RowLayout.Padded || !PackedPart.Supports(model)))
            throw new ArgumentException($"Recomputation, embedding noise, updates during the backward pass and packed layouts need a model without biases and without low-rank factors on the head that computes in float32 or bfloat16, and no {RowLayout.Padded} layout.", nameof(options));
        if (options.Layout != RowLayout.Automatic)
            return options.Layout;
        return PackedPart.Supports(model) && (needsPacking || model.Config.HiddenSize >= WideEnough) ? RowLayout.SharedPrefix : RowLayout.Padded;
    }
}

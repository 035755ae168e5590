using TorchSharp.Modules;
using Vpo.Models.Llama;
using Vpo.Training.Kernels;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

/// <summary>
/// The head over some positions: log-probabilities of targets now, gradients later. Few logits are kept, in the type of the arithmetic, and
/// overwritten by their gradient; many are made in chunks, and a second time for the gradient.
/// </summary>
internal sealed class HeadPass : IDisposable
{
    private const long MostKept = 160L << 20, ChunkBytes = 48L << 20;

    private readonly Parameter _weight;
    private readonly Tensor _hidden, _targets, _matrix, _scores;
    private readonly Tensor? _logits;
    private readonly int _chunk;

    /// <param name="model">Has the head.</param>
    /// <param name="hidden">[N, H]; not owned.</param>
    /// <param name="targets">int64 [N]; not owned.</param>
    /// <param name="chunk">Most positions whose logits are in memory at once; null chooses.</param>
    public HeadPass(LlamaModel model, Tensor hidden, Tensor targets, int? chunk = null)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        (_weight, _hidden, _targets) = (model.HeadWeight, hidden, targets);
        _matrix = Casts.Joined(hidden.dtype, _weight).DetachFromDisposeScope();
        var (count, row) = (hidden.shape[0], _weight.shape[0] * hidden.element_size());
        _chunk = chunk ?? (int)(count * row <= MostKept ? count : Math.Max(64, ChunkBytes / row));
        if (count <= _chunk)
            _logits = hidden.mm(_matrix.t()).DetachFromDisposeScope();
        _scores = (_logits is null ? InChunks() : VocabularyKernel.Score(_logits, targets)).DetachFromDisposeScope();
    }

    /// <summary>float32 [N].</summary>
    public Tensor LogProbs => _scores.select(0, VocabularyKernel.LogProb);

    /// <summary>What is logged.</summary>
    public TokenStatistics Statistics => new(_scores.select(0, VocabularyKernel.Entropy), _scores.select(0, VocabularyKernel.Hit), _scores.select(0, VocabularyKernel.MeanLogit), _scores.select(0, VocabularyKernel.LogCollision));

    /// <summary>Adds to the head's gradient. Once.</summary>
    /// <param name="upstream">float32 [N]: gradient of the loss for each log-probability.</param>
    /// <returns>[N, H]: for the hidden states.</returns>
    public Tensor Backward(Tensor upstream)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        if (_logits is not null)
            return BackwardOf(_logits, upstream, 0).MoveToOuterDisposeScope();
        var gradient = empty_like(_hidden);
        for (var at = 0L; at < _hidden.shape[0]; at += _chunk)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(_chunk, _hidden.shape[0] - at);
            var logits = _hidden.narrow(0, at, count).mm(_matrix.t());
            gradient.narrow(0, at, count).copy_(BackwardOf(logits, upstream.narrow(0, at, count), at));
        }
        return gradient.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _matrix.Dispose();
        _scores.Dispose();
        _logits?.Dispose();
    }

    private Tensor BackwardOf(Tensor logits, Tensor upstream, long at)
    {
        var count = logits.shape[0];
        VocabularyKernel.Differentiate(logits, _targets.narrow(0, at, count), _scores.select(0, VocabularyKernel.Normaliser).narrow(0, at, count), upstream);
        Products.AddGradient([_weight], logits, _hidden.narrow(0, at, count));
        return logits.mm(_matrix);
    }

    private Tensor InChunks()
    {
        var scores = new List<Tensor>();
        for (var at = 0L; at < _hidden.shape[0]; at += _chunk)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(_chunk, _hidden.shape[0] - at);
            scores.Add(VocabularyKernel.Score(_hidden.narrow(0, at, count).mm(_matrix.t()), _targets.narrow(0, at, count)).MoveToOuterDisposeScope());
        }
        return cat(scores, 1);
    }
}

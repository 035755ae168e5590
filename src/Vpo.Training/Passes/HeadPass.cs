using TorchSharp.Modules;
using Vpo.Models.Llama;
using Vpo.Training.Kernels;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

/// <summary>
/// The head over some positions: log-probabilities of targets now, gradients later. Few logits are kept, in the type of the arithmetic, and
/// overwritten by their gradient. Many are made in chunks of positions, and a second time, in chunks of the vocabulary, for the gradient: each
/// row of the head's gradient is then touched once.
/// </summary>
internal sealed class HeadPass : IDisposable
{
    // Blocks above 32 MB are paged in anew by the C allocator each time. Larger chunks than these are no faster, and on processors
    // with tiles (AMX) products of more rows copy the whole matrix beside them: 24 % of the plain head's memory instead of 13 %.
    private const long MostKept = 160L << 20, ChunkBytes = 31L << 20, FewestInChunk = 64, MostInChunk = 128;

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
        _chunk = chunk ?? (int)(count * row <= MostKept ? count : Math.Clamp(ChunkBytes / row, FewestInChunk, MostInChunk));
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
        return (_logits is null ? BackwardInChunks(upstream) : BackwardOf(_logits, upstream)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _matrix.Dispose();
        _scores.Dispose();
        _logits?.Dispose();
    }

    private Tensor BackwardOf(Tensor logits, Tensor upstream)
    {
        VocabularyKernel.Differentiate(logits, _targets, _scores.select(0, VocabularyKernel.Normaliser), upstream);
        Products.AddGradient([_weight], logits, _hidden);
        return logits.mm(_matrix);
    }

    private Tensor BackwardInChunks(Tensor upstream)
    {
        var (positions, vocabulary) = (_hidden.shape[0], _matrix.shape[0]);
        var words = Math.Clamp(_chunk * vocabulary / positions, 1, vocabulary);
        var sum = zeros_like(_hidden, dtype: ScalarType.Float32);
        for (var first = 0L; first < vocabulary; first += words)
        {
            using var inner = NewDisposeScope();
            var part = _matrix.narrow(0, first, Math.Min(words, vocabulary - first));
            var logits = _hidden.mm(part.t());
            VocabularyKernel.Differentiate(logits, _targets, _scores.select(0, VocabularyKernel.Normaliser), upstream, first);
            Products.AddGradient(_weight, first, logits, _hidden);
            Casts.Accumulate(sum, logits.mm(part));
        }
        return sum.to(_hidden.dtype);
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

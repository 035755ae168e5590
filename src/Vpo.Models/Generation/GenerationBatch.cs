using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Models.Generation;

/// <summary>Sequences that are written in step: padded on the left, one column of the cache per token, rows that may leave.</summary>
internal sealed class GenerationBatch : IDisposable
{
    private const int WorthSharing = 16;

    private readonly LlamaModel _model;
    private readonly KvCache _cache;
    private readonly long _capacity;
    private Tensor? _visible;     // [rows, capacity], 0 on padding; null when nothing is padded
    private Tensor _positions;    // [rows, 1], of the next token

    private GenerationBatch(LlamaModel model, KvCache cache, long capacity, Tensor positions) =>
        (_model, _cache, _capacity, _positions, Logits) = (model, cache, capacity, positions, positions);

    /// <summary>Float32 logits of the next token, [rows, vocabulary].</summary>
    public Tensor Logits { get; private set; }

    /// <summary>Reads the prompts. A beginning that all share is computed once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Not empty, none empty.</param>
    /// <param name="newTokens">Room to make for the answers.</param>
    public static GenerationBatch Start(LlamaModel model, IReadOnlyList<int[]> prompts, int newTokens)
    {
        using var scope = NewDisposeScope();
        var shared = prompts.Count > 1 && PromptGroup.SharedLength(prompts) is >= WorthSharing and var common ? common : 0;
        var width = prompts.Max(p => p.Length);
        var cache = new KvCache(model.Config, shared > 0 ? 1 : prompts.Count, width + newTokens, model.Compute, model.Device);
        var positions = tensor(prompts.Select(p => (long)p.Length).ToArray(), [prompts.Count, 1], device: model.Device).DetachFromDisposeScope();
        var batch = new GenerationBatch(model, cache, width + newTokens, positions);
        try
        {
            if (shared > 0)
                batch.ReadShared(prompts[0].AsSpan(0, shared), prompts.Count);
            batch.ReadRest(prompts, shared, width);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Adds one id to each row and computes the next logits.</summary>
    public void Step(ReadOnlySpan<int> ids)
    {
        using var scope = NewDisposeScope();
        var next = tensor(Array.ConvertAll(ids.ToArray(), id => (long)id), [ids.Length, 1], device: _model.Device);
        var visible = _visible?.narrow(1, 0, _cache.Length + 1);
        Publish(_model.Hidden(next, visible, _positions, _cache));
        _positions.PlusInPlace(1);
    }

    /// <summary>Keeps only some rows; a row may be taken more than once. The logits stay those of the kept rows.</summary>
    public void Keep(ReadOnlySpan<int> rows)
    {
        using var scope = NewDisposeScope();
        var index = tensor(Array.ConvertAll(rows.ToArray(), row => (long)row), device: _model.Device);
        _cache.Select(index);
        Replace(ref _positions!, _positions.index_select(0, index));
        if (_visible is not null)
            Replace(ref _visible, _visible.index_select(0, index));
        var logits = Logits;
        Logits = logits.index_select(0, index).DetachFromDisposeScope();
        logits.Dispose();
    }

    public void Dispose()
    {
        _cache.Dispose();
        _visible?.Dispose();
        _positions.Dispose();
        Logits.Dispose();
    }

    private void ReadShared(ReadOnlySpan<int> ids, int rows)
    {
        var shared = tensor(Array.ConvertAll(ids.ToArray(), id => (long)id), [1, ids.Length], device: _model.Device);
        _model.Hidden(shared, null, null, _cache).Dispose();
        _cache.Select(zeros(rows, dtype: ScalarType.Int64, device: _model.Device));
    }

    private void ReadRest(IReadOnlyList<int[]> prompts, int shared, int width)
    {
        var (rows, length) = (prompts.Count, width - shared);
        var (ids, positions, visible) = (new long[rows * length], new long[rows * length], new long[rows * _capacity]);
        Array.Fill(visible, 1);
        for (var row = 0; row < rows; row++)
        {
            var padding = width - prompts[row].Length;
            visible.AsSpan((int)(row * _capacity) + shared, padding).Clear();
            for (var i = padding; i < length; i++)
                (ids[row * length + i], positions[row * length + i]) = (prompts[row][i - padding + shared], i - padding + shared);
        }
        Tensor Of(long[] values, long columns) => tensor(values, [rows, columns], device: _model.Device);
        if (prompts.Any(p => p.Length != width))
            _visible = Of(visible, _capacity).DetachFromDisposeScope();
        var hidden = _model.Hidden(Of(ids, length), _visible?.narrow(1, 0, width), Of(positions, length), _cache);
        Publish(hidden.narrow(1, length - 1, 1));
    }

    private void Publish(Tensor hidden)
    {
        var logits = _model.Head(hidden).squeeze(1).to(ScalarType.Float32).DetachFromDisposeScope();
        if (!ReferenceEquals(Logits, _positions))
            Logits.Dispose();
        Logits = logits;
    }

    private static void Replace(ref Tensor? old, Tensor value)
    {
        old!.Dispose();
        old = value.DetachFromDisposeScope();
    }
}

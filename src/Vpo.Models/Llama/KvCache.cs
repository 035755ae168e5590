using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>Keys and values of all layers for a batch that grows in step; allocated once.</summary>
internal sealed class KvCache : IDisposable
{
    private readonly Tensor[] _keys, _values;   // each [rows, kvHeads, capacity, headDim]
    private readonly long _capacity;

    public KvCache(LlamaConfig config, long rows, long capacity, ScalarType type, Device device)
    {
        _capacity = capacity;
        Tensor Room() => empty([rows, config.KeyValueHeads, capacity, config.HeadDim], dtype: type, device: device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, config.Layers).Select(_ => Room())];
        _values = [.. Enumerable.Range(0, config.Layers).Select(_ => Room())];
    }

    /// <summary>Tokens held for each row.</summary>
    public long Length { get; private set; }

    /// <summary>Adds a layer's keys and values [rows, kvHeads, T, headDim] after <see cref="Length"/>.</summary>
    /// <returns>Views of everything held, the new included.</returns>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values, long count)
    {
        if (Length + count > _capacity)
            throw new InvalidOperationException($"the key-value cache holds {_capacity} tokens; {Length + count} are needed.");
        return (Write(_keys[layer], keys, count), Write(_values[layer], values, count));
    }

    /// <summary>Counts the tokens that all layers have now added.</summary>
    public void Advance(long count) => Length += count;

    /// <summary>Keeps only some rows, in the given order; a row may appear more than once.</summary>
    public void Select(Tensor rows)
    {
        Select(_keys, rows);
        Select(_values, rows);
    }

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
            tensor.Dispose();
    }

    private Tensor Write(Tensor room, Tensor news, long count)
    {
        using (var place = room.narrow(2, Length, count))
            place.copy_(news);
        return room.narrow(2, 0, Length + count);
    }

    private void Select(Tensor[] rooms, Tensor rows)
    {
        for (var i = 0; i < rooms.Length; i++)
        {
            using var scope = NewDisposeScope();
            var room = rooms[i];
            var kept = empty([rows.shape[0], .. room.shape[1..]], dtype: room.dtype, device: room.device).DetachFromDisposeScope();
            kept.narrow(2, 0, Length).copy_(room.narrow(2, 0, Length).index_select(0, rows));   // what is not yet used is not copied
            room.Dispose();
            rooms[i] = kept;
        }
    }
}

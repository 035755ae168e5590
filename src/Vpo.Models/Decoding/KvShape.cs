using Vpo.Models.Llama;

namespace Vpo.Models.Decoding;

/// <summary>How keys and values lie in memory.</summary>
/// <param name="Layers">Of the model.</param>
/// <param name="Heads">Key-value heads.</param>
/// <param name="Dim">Numbers of a head.</param>
/// <param name="IsHalf">bfloat16 instead of float32.</param>
internal sealed record KvShape(int Layers, int Heads, int Dim, bool IsHalf)
{
    /// <summary>Numbers of a head as stored: a multiple of 16.</summary>
    public int Padded { get; } = (Dim + VectorLanes.Count - 1) / VectorLanes.Count * VectorLanes.Count;

    public static KvShape Of(LlamaConfig config, WeightType type) =>
        new(config.Layers, (int)config.KeyValueHeads, (int)config.HeadDim, type != WeightType.Float32);
}

/// <summary>
/// Room for the keys and values of some tokens in all layers. Keys lie in blocks of 16 tokens, the same number of 16 tokens side by side, so that a query is
/// compared with 16 keys at a time; values lie token after token.
/// </summary>
internal sealed class KvSegment
{
    public const int MostTokens = 512;

    private readonly KvShape _shape;

    public KvSegment(KvShape shape, int tokens)
    {
        _shape = shape;
        Capacity = (Math.Clamp(tokens, 1, MostTokens) + VectorLanes.Count - 1) / VectorLanes.Count * VectorLanes.Count;
        var count = checked(2 * shape.Layers * shape.Heads * Capacity * shape.Padded);
        Numbers = shape.IsHalf ? GC.AllocateUninitializedArray<ushort>(count) : GC.AllocateUninitializedArray<float>(count);
    }

    /// <summary>float[] or ushort[].</summary>
    public Array Numbers { get; }

    /// <summary>Tokens it can hold; a multiple of 16.</summary>
    public int Capacity { get; }

    /// <summary>Where the keys of a head begin: [capacity / 16, padded dim, 16].</summary>
    public int Keys(int layer, int head) => (2 * layer * _shape.Heads + head) * Capacity * _shape.Padded;

    /// <summary>Where the values of a head begin: [capacity, padded dim].</summary>
    public int Values(int layer, int head) => Keys(layer, head) + _shape.Heads * Capacity * _shape.Padded;

    /// <summary>Writes one head's key and value of one token.</summary>
    public void Write(int layer, int head, int token, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        var keys = Keys(layer, head) + token / VectorLanes.Count * VectorLanes.Count * _shape.Padded + token % VectorLanes.Count;
        var values = Values(layer, head) + token * _shape.Padded;
        if (Numbers is float[] floats)
        {
            for (var i = 0; i < key.Length; i++)
                floats[keys + i * VectorLanes.Count] = key[i];
            value.CopyTo(floats.AsSpan(values));
            floats.AsSpan(values + value.Length, _shape.Padded - value.Length).Clear();
            return;
        }
        var halves = (ushort[])Numbers;
        Activations.Round(value, halves.AsSpan(values, _shape.Padded));
        Span<ushort> rounded = stackalloc ushort[key.Length];
        Activations.Round(key, rounded);
        for (var i = 0; i < key.Length; i++)
            halves[keys + i * VectorLanes.Count] = rounded[i];
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace Vpo.Models.Decoding;

/// <summary>
/// One piece of memory for all matrices of an engine. Reading weights from many small pieces, or from a mapped file, costs up to three times as much:
/// the processor then looks up every 4 KiB page, where one large piece gets pages of 2 MiB.
/// </summary>
internal sealed class WeightArena : IDisposable
{
    private readonly Tensor _room;
    private long _taken;

    /// <param name="type">Of the weights.</param>
    /// <param name="count">Numbers of all matrices, padding included.</param>
    public WeightArena(WeightType type, long count) => _room = empty(count, dtype: TypeOf(type)).DetachFromDisposeScope();

    /// <summary>The element type of tensors that hold such weights.</summary>
    public static ScalarType TypeOf(WeightType type) => type switch
    {
        WeightType.Float32 => ScalarType.Float32,
        WeightType.BFloat16 => ScalarType.BFloat16,
        _ => ScalarType.Int8,
    };

    /// <summary>Numbers that a matrix takes.</summary>
    public static long CountOf(Tensor weight) => weight.shape[0] * Activations.Padded(weight.shape[1]);

    /// <summary>The next part, as a matrix of zeros.</summary>
    public Tensor Take(long rows, long width)
    {
        using var part = _room.narrow(0, _taken, rows * width);
        part.zero_();
        _taken += rows * width;
        return part.view(rows, width);
    }

    public void Dispose() => _room.Dispose();
}

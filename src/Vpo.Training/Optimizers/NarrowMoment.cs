using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>A moment in 8 bits (arXiv 2110.02861, section 2): a code for each number, and of each block of 256 numbers the largest magnitude in float32.</summary>
internal sealed class NarrowMoment : IDisposable
{
    /// <summary>Numbers of a block, as in bitsandbytes' optimizers.</summary>
    public const int Block = 256;

    /// <summary>Starts with zeros.</summary>
    /// <param name="count">How many numbers.</param>
    /// <param name="map">Which levels.</param>
    /// <param name="device">Where.</param>
    public NarrowMoment(long count, DynamicMap map, Device device)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        (Count, Map) = (count, map);
        var blocks = (count + Block - 1) / Block;
        Codes = zeros([blocks, Block], dtype: ScalarType.Byte, device: device).PlusInPlace(map.Zero).DetachFromDisposeScope();
        Largest = zeros(blocks, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
    }

    public long Count { get; }

    public DynamicMap Map { get; }

    /// <summary>uint8 [blocks, 256]; what fills up the last block is 0.</summary>
    public Tensor Codes { get; }

    /// <summary>float32 [blocks].</summary>
    public Tensor Largest { get; }

    /// <summary>The numbers of some blocks, float32 [count, 256].</summary>
    public Tensor Read(long first, long count)
    {
        using var scope = NewDisposeScope();
        var codes = Codes.narrow(0, first, count).reshape(-1).to(ScalarType.Int64);
        return tensor(Map.Values.ToArray(), device: Codes.device).index_select(0, codes).view(count, Block).mul_(Largest.narrow(0, first, count).unsqueeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Replaces the numbers of some blocks, each by the level nearest to it.</summary>
    /// <param name="first">The first of the blocks.</param>
    /// <param name="values">float32 [count, 256].</param>
    public void Write(long first, Tensor values)
    {
        using var scope = NewDisposeScope();
        var count = values.shape[0];
        var largest = values.abs().amax([1]);
        var divisor = largest.add(largest.eq(Scalars.Zero).to(ScalarType.Float32), Scalars.One);   // a block of zeros stays one
        Largest.narrow(0, first, count).copy_(largest);
        Codes.narrow(0, first, count).copy_(searchsorted(tensor(Map.Middles.ToArray(), device: Codes.device), values.div(divisor.unsqueeze(1))));
    }

    public void Dispose()
    {
        Codes.Dispose();
        Largest.Dispose();
    }
}

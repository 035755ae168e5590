using TorchSharp;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Where a run takes its random numbers from, in the order in which the reference draws them.</summary>
public interface INoise : IDisposable
{
    /// <summary>Standard normal numbers.</summary>
    /// <param name="shape">[B, ...], B videos.</param>
    /// <param name="type">Drawn in this type, not rounded to it.</param>
    /// <returns>A tensor on the CPU; the caller disposes of it.</returns>
    Tensor Draw(long[] shape, ScalarType type);
}

/// <summary>A generator of its own for each video, so that a clip depends on its seed and not on its neighbours in the batch.</summary>
public sealed class SeededNoise : INoise
{
    private readonly Generator[] _generators;

    /// <param name="seeds">One for each video.</param>
    public SeededNoise(IEnumerable<long> seeds)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        _generators = [.. seeds.Select(seed => new Generator((ulong)seed))];
    }

    /// <inheritdoc/>
    public Tensor Draw(long[] shape, ScalarType type)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape[0] != _generators.Length)
            throw new ArgumentException($"there are {_generators.Length} seeds for {shape[0]} videos; give one for each.", nameof(shape));
        using var scope = NewDisposeScope();
        long[] one = [1, .. shape[1..]];
        return cat(_generators.Select(generator => randn(one, dtype: type, generator: generator)).ToArray(), 0).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the generators.</summary>
    public void Dispose()
    {
        foreach (var generator in _generators)
            generator.Dispose();
    }
}

using System.Runtime.Intrinsics;
using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Models.Decoding;

/// <summary>In which type weights are read fastest on this machine, found by trying (about 0.1 s, once a process).</summary>
/// <remarks>The choice decides words of what a model writes, so other programs must not tip it: see <see cref="BestOfTurns"/>, and a narrower type must be clearly faster.</remarks>
public static unsafe class WeightProbe
{
    /// <summary>Numbers in a model from which on <see cref="WeightType.Auto"/> chooses.</summary>
    public const long WorthChoosing = 8 << 20;

    private const int Size = 2048, Together = 8;   // 16 MiB in float32: more than the caches next to a core hold
    private const double Clearly = 1.2;
    private static readonly WeightType[] Types = [WeightType.Float32, WeightType.BFloat16, WeightType.Int8];   // from wide to narrow

    private static readonly Lazy<IReadOnlyDictionary<WeightType, double>> Measured = new(Measure);

    /// <summary>Weights multiplied in a second of one thread, in 10⁹, over a token alone and eight tokens together.</summary>
    public static IReadOnlyDictionary<WeightType, double> Rates => Measured.Value;

    /// <summary>The fastest type, where a narrower one counts as faster from a fifth more on; null where no kernel here is fast (no 256-bit vectors): libtorch's products are better then.</summary>
    public static WeightType? Fastest => Vector256.IsHardwareAccelerated ? Choose(Rates) : null;

    internal static WeightType Choose(IReadOnlyDictionary<WeightType, double> rates) =>
        Types.Aggregate((chosen, narrower) => rates[narrower] >= Clearly * rates[chosen] ? narrower : chosen);

    internal static IReadOnlyDictionary<WeightType, double> Measure()
    {
        LibtorchLoader.EnsureLoaded();
        using var scope = NewDisposeScope();
        var candidates = Types.Select(type => new Candidate(type)).ToList();
        try
        {
            var seconds = BestOfTurns.Seconds(TimeProvider.System, [.. candidates.SelectMany(candidate => candidate.Products)]);
            return Types.Zip(seconds.Chunk(2)).ToDictionary(t => t.First, t => (1 + Together) * (double)Size * Size / t.Second.Sum() / 1e9);
        }
        finally
        {
            candidates.ForEach(candidate => candidate.Dispose());
        }
    }

    /// <summary>A matrix in one type and what it is multiplied with.</summary>
    private sealed class Candidate(WeightType type) : IDisposable
    {
        private readonly WeightMatrix _matrix = new(ones(Size, Size), type);
        private readonly Activations _alone = Inputs(type, 1), _together = Inputs(type, Together);
        private readonly float[] _outputs = new float[Together * Size];

        public Action[] Products => [() => Multiply(_alone), () => Multiply(_together)];

        public void Dispose()
        {
            _matrix.Dispose();
            _alone.Dispose();
            _together.Dispose();
        }

        private void Multiply(Activations x)
        {
            fixed (float* y = _outputs)
                _matrix.Multiply(x, 0, Size, y, Size);
        }

        private static Activations Inputs(WeightType type, int rows)
        {
            var x = new Activations(type);
            x.Shape(rows, Size, forLibrary: false);
            for (var row = 0; row < rows; row++)
                x.Set(row, Enumerable.Repeat(1f, Size).ToArray());
            return x;
        }
    }
}

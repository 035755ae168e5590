using System.Diagnostics;
using System.Runtime.Intrinsics;
using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Models.Decoding;

/// <summary>In which type weights are read fastest on this machine, found by trying (about 0.1 s, once a process).</summary>
public static unsafe class WeightProbe
{
    /// <summary>Numbers in a model from which on <see cref="WeightType.Auto"/> chooses.</summary>
    public const long WorthChoosing = 8 << 20;

    private const int Size = 2048, Together = 8, Repeats = 3;   // 16 MiB in float32: more than the caches next to a core hold

    private static readonly Lazy<IReadOnlyDictionary<WeightType, double>> Measured = new(() =>
        new[] { WeightType.Float32, WeightType.BFloat16, WeightType.Int8 }.ToDictionary(type => type, Rate));

    /// <summary>Weights multiplied in a second of one thread, in 10⁹, over a token alone and eight tokens together.</summary>
    public static IReadOnlyDictionary<WeightType, double> Rates => Measured.Value;

    /// <summary>The type with the highest rate; null where no kernel here is fast (no 256-bit vectors): libtorch's products are better then.</summary>
    public static WeightType? Fastest => Vector256.IsHardwareAccelerated ? Rates.MaxBy(r => r.Value).Key : null;

    private static double Rate(WeightType type)
    {
        LibtorchLoader.EnsureLoaded();
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var matrix = new WeightMatrix(ones(Size, Size), type);
        return (1 + Together) * (double)Size * Size / (Seconds(matrix, type, 1) + Seconds(matrix, type, Together)) / 1e9;
    }

    private static double Seconds(WeightMatrix matrix, WeightType type, int rows)
    {
        using var x = new Activations(type);
        var (ones, outputs) = (new float[Size], new float[rows * Size]);
        Array.Fill(ones, 1);
        x.Shape(rows, Size, forLibrary: false);
        for (var row = 0; row < rows; row++)
            x.Set(row, ones);
        var best = double.PositiveInfinity;
        fixed (float* y = outputs)
        {
            for (var i = 0; i <= Repeats; i++)   // the first pays for set-up
            {
                var start = Stopwatch.GetTimestamp();
                matrix.Multiply(x, 0, Size, y, Size);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
        return best;
    }
}

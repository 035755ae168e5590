using System.Diagnostics;
using static TorchSharp.torch;

namespace Vpo.Models.Native;

/// <summary>Which floating-point type matrix products are fastest in on this machine, found by trying (about 50 ms, once a process).</summary>
/// <remarks>bfloat16 is several times faster than float32 on CPUs with AVX512-BF16 or AMX and slower on those without; float16 is not considered on CPUs.</remarks>
public static class ComputeProbe
{
    private const int Size = 512, Repeats = 3;

    private static readonly Lazy<IReadOnlyDictionary<ScalarType, double>> Measured = new(() => new Dictionary<ScalarType, double>
    {
        [ScalarType.Float32] = Rate(ScalarType.Float32),
        [ScalarType.BFloat16] = Rate(ScalarType.BFloat16),
    });

    /// <summary>Measured rates on the CPU, in 10⁹ floating-point operations a second.</summary>
    public static IReadOnlyDictionary<ScalarType, double> Rates => Measured.Value;

    /// <summary>The faster of float32 and bfloat16 for the device; on CUDA bfloat16 without a probe.</summary>
    public static ScalarType FastestType(Device device) =>
        device.type != TorchSharp.DeviceType.CPU || Rates[ScalarType.BFloat16] > Rates[ScalarType.Float32] ? ScalarType.BFloat16 : ScalarType.Float32;

    private static double Rate(ScalarType type)
    {
        LibtorchLoader.EnsureLoaded();
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        Tensor a = ones(Size, Size, dtype: type), b = ones(Size, Size, dtype: type);
        _ = a.mm(b);   // the first product pays for set-up
        var best = double.PositiveInfinity;
        for (var i = 0; i < Repeats; i++)
        {
            var start = Stopwatch.GetTimestamp();
            _ = a.mm(b);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * Size * Size * Size / best / 1e9;
    }
}

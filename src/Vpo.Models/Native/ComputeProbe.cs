using System.Diagnostics;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Models.Native;

/// <summary>Which floating-point type matrix products are fastest in on this machine, found by trying (about 50 ms, once a process).</summary>
/// <remarks>
/// bfloat16 is several times faster than float32 on CPUs with AMX and some with AVX512-BF16, and slower on others; float16 is not considered on CPUs. Since the choice
/// decides bits of results, and a run that goes on must find what it found before, other programs must not tip it: products are short, on one thread, in turns, the best
/// of many counts, and bfloat16 is taken only where it is clearly faster.
/// </remarks>
public static class ComputeProbe
{
    private const int Size = 384, Rounds = 12;
    private const double Clearly = 1.5;
    private static readonly ScalarType[] Types = [ScalarType.Float32, ScalarType.BFloat16];
    private static readonly Lazy<IReadOnlyDictionary<ScalarType, double>> Measured = new(Measure);

    /// <summary>Measured rates of one thread of the CPU, in 10⁹ floating-point operations a second.</summary>
    public static IReadOnlyDictionary<ScalarType, double> Rates => Measured.Value;

    /// <summary>On a CPU bfloat16 where its products are at least one and a half times as fast as those of float32, else float32; on CUDA bfloat16 without a probe.</summary>
    public static ScalarType FastestType(Device device) => device.type == TorchSharp.DeviceType.CPU ? Choose(Rates) : ScalarType.BFloat16;

    internal static ScalarType Choose(IReadOnlyDictionary<ScalarType, double> rates) =>
        rates[ScalarType.BFloat16] >= Clearly * rates[ScalarType.Float32] ? ScalarType.BFloat16 : ScalarType.Float32;

    internal static IReadOnlyDictionary<ScalarType, double> Measure()
    {
        LibtorchLoader.EnsureLoaded();
        var best = Types.ToDictionary(type => type, _ => double.PositiveInfinity);
        using var lanes = new Lanes(2);   // two, since one would be the caller's thread with all its helpers; the second is idle
        lanes.Run(1, _ => Try(best));
        return best.ToDictionary(b => b.Key, b => 2.0 * Size * Size * Size / b.Value / 1e9);
    }

    private static void Try(Dictionary<ScalarType, double> best)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var factors = Types.ToDictionary(type => type, type => ones(Size, Size, dtype: type));
        for (var round = 0; round <= Rounds; round++)   // the first one pays for set-up
        {
            foreach (var type in Types)
            {
                var start = Stopwatch.GetTimestamp();
                using var product = factors[type].mm(factors[type]);
                best[type] = Math.Min(best[type], Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
    }
}

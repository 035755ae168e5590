using static TorchSharp.torch;

namespace Vpo.Models.Native;

/// <summary>Which floating-point type matrix products are fastest in on this machine, found by trying (about 50 ms, once a process).</summary>
/// <remarks>
/// bfloat16 is several times faster than float32 on CPUs with AMX and some with AVX512-BF16, and slower on others; float16 is not considered on CPUs. Since the choice
/// decides bits of results, and a run that goes on must find what it found before, other programs must not tip it: products are short and timed by <see cref="BestOfTurns"/>,
/// and bfloat16 is taken only where it is clearly faster.
/// </remarks>
public static class ComputeProbe
{
    private const int Size = 384;
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
        using var scope = NewDisposeScope();
        var seconds = BestOfTurns.Seconds(TimeProvider.System, [.. Types.Select(type => ones(Size, Size, dtype: type)).Select(factor => (Action)(() => factor.mm(factor)))]);
        return Types.Zip(seconds).ToDictionary(t => t.First, t => 2.0 * Size * Size * Size / t.Second / 1e9);
    }
}

using static TorchSharp.torch;

namespace Vpo.Benchmarks;

/// <summary>What this machine can do at most, measured in the same process as everything that is compared with it.</summary>
internal static class Machine
{
    private const int CubeSize = 1536;
    private const long BandwidthBytes = 1L << 30;

    /// <summary>Matrix products of 1,536-cubes, in floating-point operations a second.</summary>
    public static double MatmulPeak(ScalarType type)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        Tensor a = randn(CubeSize, CubeSize).to(type), b = randn(CubeSize, CubeSize).to(type);
        return 2.0 * CubeSize * CubeSize * CubeSize / Stopwatches.Best(() => a.mm(b).Dispose(), 8);
    }

    /// <summary>The same, and by the processor's time: operations a second of one core.</summary>
    public static (double Clock, double Busy) MatmulPeaks(ScalarType type)
    {
        const int together = 8;   // the processor's time is counted in steps too coarse for one product
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        Tensor a = randn(CubeSize, CubeSize).to(type), b = randn(CubeSize, CubeSize).to(type);
        var busy = Enumerable.Range(0, 4).Min(_ => Stopwatches.Once(() =>
        {
            for (var i = 0; i < together; i++)
                a.mm(b).Dispose();
        }).Busy);
        return (MatmulPeak(type), together * 2.0 * CubeSize * CubeSize * CubeSize / busy);
    }

    /// <summary>The same in bfloat16.</summary>
    public static double MatmulPeakBf16() => MatmulPeak(bfloat16);

    /// <summary>Sum over 1 GiB of int64 on all threads, in bytes a second.</summary>
    public static double Bandwidth()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var data = ones(BandwidthBytes / sizeof(long), dtype: ScalarType.Int64);
        return BandwidthBytes / Stopwatches.Best(() => data.sum().Dispose(), 4);
    }

    /// <summary>Forgets the highest memory of this process so far (Linux) and gives what it has now, in bytes.</summary>
    public static double ResetPeak()
    {
        if (File.Exists("/proc/self/clear_refs"))
            File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS");
    }

    /// <summary>The highest memory of this process since the last reset, in bytes.</summary>
    public static double Peak() => Status("VmHWM");

    private static double Status(string name) => File.Exists("/proc/self/status")
        ? 1024 * double.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture)
        : double.NaN;
}

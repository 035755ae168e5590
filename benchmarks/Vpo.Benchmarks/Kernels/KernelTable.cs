using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Vpo.Benchmarks.Kernels;

/// <summary><c>quick kernels</c>: every class of kernel benchmarks, a few runs of each method instead of BenchmarkDotNet's hundreds.</summary>
internal static class KernelTable
{
    private const int Runs = 5;

    public static void Show()
    {
        Console.WriteLine($"{"best of five, milliseconds",-44}{"float32: clock",16}{"processor",11}{"bfloat16: clock",17}{"processor",11}");
        foreach (var kind in typeof(KernelBenchmarks).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(KernelBenchmarks))))
        {
            var times = new[] { TorchSharp.torch.ScalarType.Float32, TorchSharp.torch.ScalarType.BFloat16 }.Select(type => Measure(kind, type)).ToArray();
            foreach (var name in times[0].Keys)
                Console.WriteLine($"{kind.Name.Replace("Benchmarks", "", StringComparison.Ordinal) + ": " + name,-44}{times[0][name].Clock * 1e3,16:N2}{times[0][name].Busy * 1e3,11:N2}{times[1][name].Clock * 1e3,17:N2}{times[1][name].Busy * 1e3,11:N2}");
        }
    }

    private static Dictionary<string, (double Clock, double Busy)> Measure(Type kind, TorchSharp.torch.ScalarType type)
    {
        var benchmark = (KernelBenchmarks)Activator.CreateInstance(kind)!;
        benchmark.Type = type;
        benchmark.Setup();
        var result = kind.GetMethods().Where(m => m.GetCustomAttribute<BenchmarkAttribute>() is not null).ToDictionary(m => m.Name, m =>
        {
            var run = m.CreateDelegate<Action>(benchmark);
            run();
            var times = Enumerable.Range(0, Runs).Select(_ => Stopwatches.Once(run)).ToList();
            return (times.Min(t => t.Clock), times.Min(t => t.Busy));
        });
        benchmark.Cleanup();
        return result;
    }
}

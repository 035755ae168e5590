using System.Diagnostics;
using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using Vpo.Models.Llama;

namespace Vpo.Benchmarks;

/// <summary>Time and memory from a folder to the first token.</summary>
internal static class LlamaLoading
{
    public static void Show(string folder)
    {
        Console.WriteLine($"{"from a bfloat16 folder",-34}{"open, s",9}{"more MB",9}{"prepare, s",12}{"copied MB",11}{"first token, s",16}{"more MB",9}");
        foreach (var weights in new[] { WeightType.BFloat16, WeightType.Int8 })
        {
            var before = Resident();
            var start = Stopwatch.GetTimestamp();
            using var checkpoint = LlamaCheckpoint.Open(folder);
            using var model = checkpoint.Load();
            var (open, loaded) = (Stopwatch.GetElapsedTime(start).TotalSeconds, Resident());
            var generator = new TextGenerator(model) { Weights = weights };
            var preparation = generator.Prepare();
            start = Stopwatch.GetTimestamp();
            generator.Generate([new([1, 2, 3, 4])], new() { Greedy = true, MaxNewTokens = 1, StopIds = [] });
            var first = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine($"{weights,-34}{open,9:N3}{Mega(loaded - before),9:N0}{preparation.Elapsed.TotalSeconds,12:N3}{Mega(preparation.CopiedBytes),11:N0}{first,16:N3}{Mega(Resident() - before),9:N0}");
        }
    }

    private static double Mega(long bytes) => bytes / 1e6;

    /// <summary>Resident memory, mapped files included as far as they have been touched.</summary>
    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}

using System.Diagnostics;
using Vpo.Models.Decoding;
using Vpo.Models.Optimization;

namespace Vpo.Benchmarks;

/// <summary>What a server sees: 64 queries one after another, as 64 calls at once, and as one batch; tokens a second of the clock and of a processor, since the second says something on a busy machine too.</summary>
internal static class LlamaServing
{
    private const int Calls = 64, OneByOne = 16, NewTokens = 32;

    public static void Show()
    {
        if (LlamaDecoding.PublishedModel() is not { } file)
        {
            Console.WriteLine("absent: smollm2-135m-instruct (set VPO_MODELS)");
            return;
        }
        using var optimizer = LlamaPromptOptimizer.Open(file, new() { Type = TorchSharp.torch.bfloat16, Weights = WeightType.Int8, MaxBatch = Calls });
        var options = new PromptOptions { MaxNewTokens = NewTokens };
        optimizer.OptimizeAsync("a warm-up", options).GetAwaiter().GetResult();   // reads the instruction, which is then remembered
        Console.WriteLine($"{"int8, prompts of at most 32 new tokens",-44}{"tok/s",9}{"tok/s CPU",12}");
        Row($"{OneByOne} queries, one after another", async () =>
        {
            var tokens = 0;
            foreach (var query in Queries(OneByOne))
                tokens += (await optimizer.OptimizeAsync(query, options)).Usage!.Value.Output;
            return tokens;
        });
        Row($"{Calls} calls at once", async () => (await Task.WhenAll(Queries(Calls).Select(query => optimizer.OptimizeAsync(query, options)))).Sum(p => p.Usage!.Value.Output));
        Row($"{Calls} queries as one batch", async () => (await optimizer.OptimizeBatchAsync(Queries(Calls), options)).Sum(p => p.Usage!.Value.Output));
    }

    private static List<string> Queries(int count)
    {
        string[] animals = ["dog", "cat", "horse", "fox", "owl", "whale", "bear", "crane"], places = ["on the grass", "by the sea", "in the snow", "at night", "under a bridge", "on a roof", "in a garden", "on the moon"];
        return [.. Enumerable.Range(0, count).Select(i => $"a {animals[i % 8]} {places[i / 8 % 8]}")];
    }

    private static void Row(string name, Func<Task<int>> run)
    {
        using var process = Process.GetCurrentProcess();
        var (clock, processor) = (0.0, 0.0);
        for (var repeat = 0; repeat < 2; repeat++)
        {
            process.Refresh();
            var (start, before) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
            var tokens = run().GetAwaiter().GetResult();
            process.Refresh();
            clock = Math.Max(clock, tokens / Stopwatch.GetElapsedTime(start).TotalSeconds);
            processor = Math.Max(processor, tokens / (process.TotalProcessorTime - before).TotalSeconds);
        }
        Console.WriteLine($"{name,-44}{clock,9:N0}{processor,12:N0}");
    }
}

using TorchSharp;
using Vpo.Benchmarks.Training;
using Vpo.Models.Decoding;

namespace Vpo.Benchmarks;

/// <summary><c>quick [part]</c>: one table of ratios in a minute or two, instead of BenchmarkDotNet's careful hour.</summary>
internal static class Quick
{
    private static readonly Dictionary<string, Action> Parts = new()
    {
        ["machine"] = ShowMachine,
        ["llama"] = () => LlamaDecoding.Show(),
        ["llama-float32"] = () => LlamaDecoding.Show(WeightType.Float32),
        ["llama-bfloat16"] = () => LlamaDecoding.Show(WeightType.BFloat16),
        ["llama-int8"] = () => LlamaDecoding.Show(WeightType.Int8),
        ["llama-serving"] = LlamaServing.Show,
        ["rewards"] = VideoRewards.Show,
        ["video-block"] = VideoSpeed.Block,
        ["video-decode"] = VideoSpeed.Decode,
        ["video-memory"] = VideoMemory.Show,
        ["video-caches"] = VideoCaches.Show,
        ["dpo"] = TrainingTables.Dpo,
        ["dpo-float32"] = TrainingTables.DpoFloat32,
        ["dpo-bfloat16"] = TrainingTables.DpoBFloat16,
        ["dpo-memory"] = TrainingTables.DpoMemory,
        ["optimizers"] = OptimizerTable.States,
        ["optimizers-memory"] = OptimizerTable.Memory,
        ["dpo-ours"] = TrainingTables.DpoOurs,
        ["dpo-recompute"] = TrainingTables.Recompute,
        ["dpo-adapters"] = TrainingTables.Adapters,
        ["dpo-layouts"] = TrainingTables.Layouts,
        ["dpo-mixed"] = TrainingTables.MixedLengths,
        ["dpo-long"] = TrainingTables.LongPrompts,
        ["sft"] = TrainingTables.Sft,
        ["sft-ours"] = TrainingTables.SftOurs,
        ["head"] = TrainingTables.Head,
        ["kernels"] = Kernels.KernelTable.Show,
    };

    public static int Run(string[] parts)
    {
        var unknown = parts.Where(p => !Parts.ContainsKey(p)).ToList();
        if (unknown.Count > 0)
        {
            Console.Error.WriteLine($"unknown: {string.Join(", ", unknown)}. Known: {string.Join(", ", Parts.Keys)}.");
            return 1;
        }
        foreach (var part in parts.Length == 0 ? [.. Parts.Keys] : parts)
            Parts[part]();
        return 0;
    }

    private static void ShowMachine()
    {
        Console.WriteLine($"threads {torch.get_num_threads()}");
        Console.WriteLine($"matmul peak   float32 {Machine.MatmulPeak(torch.float32) / 1e9,7:N0} GFLOP/s   bfloat16 {Machine.MatmulPeak(torch.bfloat16) / 1e9,7:N0} GFLOP/s");
        Console.WriteLine($"bandwidth     {Machine.Bandwidth() / 1e9:N1} GB/s");
    }
}

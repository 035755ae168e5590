using Vpo.Models.Layers;
using Vpo.Models.Llama;
using Vpo.Training.Optimizers;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.Training;

/// <summary>What optimizers cost for SmolLM2-135M's parameters: bytes of their states, time of an update, and most memory of a process that trains with them.</summary>
internal static class OptimizerTable
{
    private static readonly (string Words, OptimizerOptions Options)[] Optimizers =
    [
        ("", new AdamWOptions()), ("8bit", new AdamW8bitOptions()), ("8bit, embeddings too", new AdamW8bitOptions { WideEmbeddings = false }), ("adafactor", new AdafactorOptions { RelativeStep = false }),
    ];

    /// <summary>The optimizer alone.</summary>
    public static void States()
    {
        Console.WriteLine("one update of SmolLM2-135M's parameters: MB of states, bytes a parameter, seconds by the clock | by the processor's time (best of five)");
        foreach (var (words, options) in Optimizers)
        {
            using var scope = NewDisposeScope();
            using var model = LlamaModel.Initialize(LlamaDecoding.SmolLm2, seed: 1).RequireGradients();
            using var parameters = new TrainedParameters(model.AllParameters);
            using var optimizer = options.Create(parameters);
            foreach (var gradient in parameters.Gradients)
                gradient.normal_(0, 1e-3);
            var times = Enumerable.Range(0, 5).Select(_ => Stopwatches.Once(() => optimizer.Step(1e-6))).ToArray();
            var bytes = optimizer.State.Sum(s => s.Value.numel() * s.Value.element_size());
            Console.WriteLine($"  {(words.Length == 0 ? "adamw" : words),-24}{bytes / 1e6,8:N0}{bytes / (double)parameters.Masters.Sum(m => m.numel()),7:N2}{times.Min(t => t.Clock),8:N3} | {times.Min(t => t.Busy):N3}");
        }
    }

    /// <summary>Whole steps, in child processes.</summary>
    public static void Memory()
    {
        Console.WriteLine("most memory of a process that takes two steps of VPO's shape, each layer computed again, GB");
        foreach (var words in (string[])["", "in-backward", "8bit", "8bit in-backward"])
            Console.WriteLine($"  {(words.Length == 0 ? "adamw" : words),-24}{ChildMemory.Of(2, $"ours bfloat16 vpo Automatic recompute {words}".Trim().Split(' ')).Peak / 1e9,6:N2}");
    }
}

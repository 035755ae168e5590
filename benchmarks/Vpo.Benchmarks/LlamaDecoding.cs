using System.Diagnostics;
using Vpo.Benchmarks.UsualStack;
using Vpo.Models.Generation;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Benchmarks;

/// <summary>Greedy decoding with SmolLM2-135M's shape (random weights): 64-token prompts, 64 new tokens, at batch 1 and 24, ours and the usual stack.</summary>
internal static class LlamaDecoding
{
    private const int PromptLength = 64, NewTokens = 64, Batch = 24;

    /// <summary>30 layers, hidden 576, 9 heads over 3 key-value heads, vocabulary 49,152, tied.</summary>
    public static LlamaConfig SmolLm2 { get; } = new()
    {
        HiddenSize = 576,
        IntermediateSize = 1536,
        Layers = 30,
        Heads = 9,
        KeyValueHeads = 3,
        HeadDim = 64,
        VocabularySize = 49152,
        NormEpsilon = 1e-5,
        RopeTheta = 100_000,
        TiedHead = true,
        BosId = 1,
        EosIds = [],
    };

    public static void Show()
    {
        var (bandwidth, peak) = (Machine.Bandwidth(), Machine.MatmulPeak(bfloat16));
        Console.WriteLine($"SmolLM2-135M shape, {PromptLength}-token prompts, {NewTokens} new tokens, greedy; bandwidth {bandwidth / 1e9:N1} GB/s, bfloat16 matmul peak {peak / 1e9:N0} GFLOP/s");
        Console.WriteLine($"{"",-28}{"tok/s",9}{"usual",9}{"ratio",8}{"of limit",10}");
        foreach (var type in new[] { float32, bfloat16 })
        {
            using var model = LlamaModel.Initialize(SmolLm2, seed: 1, type);
            using var plain = new PlainLlama(model, type);
            var bytes = model.parameters().Sum(p => p.numel() * p.element_size());
            var flops = 2.0 * model.parameters().Sum(p => p.numel());
            Row($"{type} decode, batch 1", Ours(model, 1), Usual(plain, 1), rate => rate * bytes / bandwidth);
            Row($"{type} decode, batch {Batch}", Ours(model, Batch), Usual(plain, Batch), rate => rate * flops / peak);
        }
    }

    private static void Row(string name, double ours, double usual, Func<double, double> share) =>
        Console.WriteLine($"{name,-28}{ours,9:N1}{usual,9:N1}{ours / usual,8:N2}{share(ours),10:P0}");

    private static double Ours(LlamaModel model, int batch)
    {
        var generator = new TextGenerator(model);
        var random = new Random(1);
        var requests = Enumerable.Range(0, batch).Select(i => new GenerationRequest([.. Enumerable.Range(0, PromptLength).Select(_ => random.Next(3, 49152))], i)).ToList();
        var options = new SamplingOptions { Greedy = true, MaxNewTokens = NewTokens, StopIds = [] };
        // Prefill is the same program with one new token: its time is taken off.
        var all = Stopwatches.Best(() => generator.Generate(requests, options), 3);
        var prefill = Stopwatches.Best(() => generator.Generate(requests, options with { MaxNewTokens = 1 }), 3);
        return batch * (NewTokens - 1) / (all - prefill);
    }

    private static double Usual(PlainLlama plain, int batch)
    {
        using var guard = no_grad();
        var best = double.PositiveInfinity;
        for (var repeat = 0; repeat < 2; repeat++)
        {
            using var scope = NewDisposeScope();
            plain.Cache = null;
            var next = plain.Next(randint(3, 49152, [batch, PromptLength], dtype: int64)).argmax(-1);
            var start = Stopwatch.GetTimestamp();
            for (var i = 1; i < NewTokens; i++)
                next = plain.Next(next.unsqueeze(1)).argmax(-1);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return batch * (NewTokens - 1) / best;
    }
}

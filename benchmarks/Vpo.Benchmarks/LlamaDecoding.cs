using System.Diagnostics;
using Vpo.Benchmarks.UsualStack;
using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Benchmarks;

/// <summary>SmolLM2-135M's shape with random weights, 64-token prompts, 64 new tokens: reading and writing, alone and 24 at once, against the machine's limits and the usual stack.</summary>
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
        InitializerRange = 0.05,
    };

    /// <param name="types">Those to measure; all when empty.</param>
    public static void Show(params WeightType[] types)
    {
        var folder = Directory.CreateTempSubdirectory("vpo-bench-").FullName;
        try
        {
            var name = SaveModel(folder);
            Console.WriteLine($"{name}, {PromptLength}-token prompts, {NewTokens} new tokens, {get_num_threads()} threads; bandwidth {Machine.Bandwidth() / 1e9:N1} GB/s, bfloat16 matmul peak {Machine.MatmulPeakBf16() / 1e9:N0} GFLOP/s");
            LlamaLoading.Show(folder);
            Console.WriteLine($"{"",-36}{"tok/s",9}{"usual",9}{"ratio",8}{"of limit",10}");
            using var checkpoint = LlamaCheckpoint.Open(folder);
            foreach (var type in types.Length > 0 ? types : [WeightType.Float32, WeightType.BFloat16, WeightType.Int8])
                Compare(checkpoint, type == WeightType.Float32 ? float32 : bfloat16, type);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>SmolLM2-135M-Instruct; null where it is not at hand.</summary>
    public static string? PublishedModel()
    {
        var models = Environment.GetEnvironmentVariable("VPO_MODELS") is { Length: > 0 } named ? named : "../shared/models";
        var file = Path.Combine(models, "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");
        return File.Exists(file) ? file : null;
    }

    /// <summary>The published weights in bfloat16 where they are at hand, since how peaked a distribution is decides what sampling costs; else random ones.</summary>
    private static string SaveModel(string folder)
    {
        using var packed = PublishedModel() is { } file ? LlamaCheckpoint.Open(file) : null;
        using var model = packed?.Load(bfloat16) ?? LlamaModel.Initialize(SmolLm2, seed: 1, bfloat16);
        LlamaFolder.Save(folder, model);
        return packed is null ? "SmolLM2-135M's shape, random weights" : "SmolLM2-135M-Instruct";
    }

    private static void Compare(LlamaCheckpoint checkpoint, ScalarType type, WeightType weights)
    {
        using var model = checkpoint.Load(type);
        using var plain = weights == WeightType.Int8 ? null : new PlainLlama(model, type);
        var generator = new TextGenerator(model) { Weights = weights };
        var numbers = model.parameters().Sum(p => p.numel());
        var bytes = numbers * (weights switch { WeightType.Float32 => 4, WeightType.BFloat16 => 2, _ => 1 });
        var inLayers = 2.0 * (numbers - SmolLm2.VocabularySize * SmolLm2.HiddenSize);
        var greedy = new SamplingOptions { Greedy = true, MaxNewTokens = NewTokens, StopIds = [] };
        var sampling = greedy with { Greedy = false, Temperature = 0.9, TopP = 0.9 };
        Row($"{weights} reading, {Batch} prompts", Machine.MatmulPeakBf16, () => Reading(generator), plain is null ? null : () => plain.Reading(Batch, PromptLength), inLayers);
        Row($"{weights} writing, batch 1", Machine.Bandwidth, () => Writing(generator, 1, greedy), plain is null ? null : () => plain.Writing(1, PromptLength, NewTokens), bytes);
        Row($"{weights} writing, batch {Batch}", Machine.MatmulPeakBf16, () => Writing(generator, Batch, greedy), plain is null ? null : () => plain.Writing(Batch, PromptLength, NewTokens), 2.0 * numbers);
        Row("  T 0.9, top-p 0.9", Machine.MatmulPeakBf16, () => Writing(generator, Batch, sampling), null, 2.0 * numbers);
        if (weights != WeightType.BFloat16)
            return;
        var fast = new TextGenerator(model) { Weights = weights, SameTextInAnyBatch = false };
        Row($"{weights} writing, libtorch's products", Machine.MatmulPeakBf16, () => Writing(fast, Batch, greedy), null, 2.0 * numbers);
        Row("  T 0.9, top-p 0.9", Machine.MatmulPeakBf16, () => Writing(fast, Batch, sampling), null, 2.0 * numbers);
    }

    /// <summary>The limit is measured before and after, because other programs take from both.</summary>
    private static void Row(string name, Func<double> limit, Func<double> ours, Func<double>? usual, double costPerToken)
    {
        var before = limit();
        var rate = ours();
        var most = Math.Max(before, limit());
        var compared = usual is null ? $"{"-",9}{"-",8}" : usual() is var other ? $"{other,9:N1}{rate / other,8:N2}" : "";
        Console.WriteLine($"{name,-36}{rate,9:N1}{compared}{rate * costPerToken / most,10:P0}");
    }

    private static List<GenerationRequest> Requests(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new GenerationRequest([.. Enumerable.Range(0, PromptLength).Select(_ => random.Next(3, 49152))], i))];
    }

    private static double Reading(TextGenerator generator)
    {
        var seed = 100;
        var options = new SamplingOptions { Greedy = true, MaxNewTokens = 1, StopIds = [] };
        return Batch * PromptLength / Stopwatches.Best(() => generator.Generate(Requests(Batch, seed++), options), 3);   // other prompts each time: none is remembered
    }

    /// <summary>Tokens a second after the first, which still belongs to reading.</summary>
    private static double Writing(TextGenerator generator, int batch, SamplingOptions options)
    {
        var best = double.PositiveInfinity;
        for (var repeat = 0; repeat < 3; repeat++)
        {
            var (start, seen) = (0L, 0);
            generator.Generate(Requests(batch, repeat), options, (_, _) =>
            {
                if (++seen == batch)
                    start = Stopwatch.GetTimestamp();
            });
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return batch * (NewTokens - 1) / best;
    }
}

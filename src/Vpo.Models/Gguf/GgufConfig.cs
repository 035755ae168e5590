using Vpo.Models.Checkpoints;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Gguf;

/// <summary>The config that a GGUF file's metadata says.</summary>
internal sealed class GgufConfig(GgufFile file)
{
    // The two published Llama 3 scalings; a file holds only what they come to.
    private static readonly RopeScaling.Llama3[] Published = [new(8, 1, 4, 8192), new(32, 1, 4, 8192)];

    /// <param name="ropeFactors">Divisors of the rotary frequencies, or null.</param>
    public LlamaConfig Read(Tensor? ropeFactors)
    {
        if (Text("general.architecture") is var architecture and not "llama")
            throw new CheckpointException($"'{file.Location}' holds a model of the architecture '{architecture}'; supported: llama.");
        if (Integer("llama.expert_count", 0) != 0)
            throw new CheckpointException($"'{file.Location}' holds a mixture of experts, which is not supported.");
        var (heads, hidden) = (Integer("llama.attention.head_count"), Integer("llama.embedding_length"));
        var config = new LlamaConfig
        {
            HiddenSize = hidden,
            IntermediateSize = Integer("llama.feed_forward_length"),
            Layers = (int)Integer("llama.block_count", max: 1024),
            Heads = heads,
            KeyValueHeads = Integer("llama.attention.head_count_kv", heads),
            HeadDim = Integer("llama.attention.key_length", Integer("llama.rope.dimension_count", hidden / Math.Max(1, heads))),
            VocabularySize = file.Shapes.TryGetValue("token_embd.weight", out var table) && table.Length == 2 ? table[0]
                : throw new CheckpointException($"'{file.Location}' has no table token_embd.weight."),
            NormEpsilon = Number("llama.attention.layer_norm_rms_epsilon", 1e-5),
            RopeTheta = Number("llama.rope.freq_base", 10000),
            MaxPositions = Integer("llama.context_length", 2048, max: 1 << 24),
            TiedHead = !file.Shapes.ContainsKey("output.weight"),
            AttentionBias = file.Shapes.ContainsKey("blk.0.attn_q.bias"),
            MlpBias = file.Shapes.ContainsKey("blk.0.ffn_gate.bias"),
            BosId = Id("tokenizer.ggml.bos_token_id"),
            EosIds = [.. new[] { Id("tokenizer.ggml.eos_token_id"), Id("tokenizer.ggml.eot_token_id") }.OfType<int>().Distinct()],
            PadId = Id("tokenizer.ggml.padding_token_id"),
        };
        if (config.HeadDim != Integer("llama.rope.dimension_count", config.HeadDim))
            throw new CheckpointException($"'{file.Location}' turns only a part of each head (rope.dimension_count), which is not supported.");
        return (config with { Rope = Scaling(config, ropeFactors) }).Checked(file.Location);
    }

    private RopeScaling Scaling(LlamaConfig config, Tensor? factors)
    {
        if (factors is not null)
        {
            using (factors)
                return Recognise(config, factors.to(ScalarType.Float32).data<float>().ToArray());
        }
        return file.Metadata.GetValueOrDefault("llama.rope.scaling.type") switch
        {
            null or "none" => new RopeScaling.None(),
            "linear" => new RopeScaling.Linear(Number("llama.rope.scaling.factor", 1)),
            var other => throw new CheckpointException($"'{file.Location}': rope scaling '{other}' is not supported. Supported: none, linear, llama3."),
        };
    }

    private RopeScaling Recognise(LlamaConfig config, float[] factors)
    {
        foreach (var scaling in Published)
        {
            var expected = Enumerable.Range(0, (int)config.HeadDim / 2).Select(i => Math.Pow(config.RopeTheta, -2.0 * i / config.HeadDim)).Select(f => f / scaling.Apply(f));
            if (factors.Length == config.HeadDim / 2 && factors.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) < 1e-3 * pair.Second))
                return scaling;
        }
        throw new CheckpointException($"'{file.Location}' has rope factors that are not those of Llama 3.1 or 3.2; use the Hugging Face folder of this model.");
    }

    private string Text(string key) => file.Metadata.GetValueOrDefault(key) as string ?? throw new CheckpointException($"'{file.Location}' lacks the text '{key}'.");

    private long Integer(string key, long? fallback = null, long max = 1 << 20) => file.Metadata.GetValueOrDefault(key) switch
    {
        null when fallback is { } value => value,
        long number when number >= (fallback == 0 ? 0 : 1) && number <= max => number,
        var other => throw new CheckpointException($"'{file.Location}': '{key}' must be a whole number up to {max}, found {other ?? "nothing"}."),
    };

    private double Number(string key, double fallback) => file.Metadata.GetValueOrDefault(key) switch
    {
        null => fallback,
        double number when number > 0 && double.IsFinite(number) => Math.Round(number, 12),   // float32 in the file: 1e-5 is meant
        var other => throw new CheckpointException($"'{file.Location}': '{key}' must be a number above 0, found {other}."),
    };

    private int? Id(string key) => file.Metadata.GetValueOrDefault(key) is long id and >= 0 and < int.MaxValue ? (int)id : null;
}

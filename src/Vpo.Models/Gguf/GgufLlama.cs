using System.Text.RegularExpressions;
using Vpo.Models.Checkpoints;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Gguf;

/// <summary>A GGUF file of the architecture "llama" under the names, and in the rotary layout, of Hugging Face.</summary>
internal sealed partial class GgufLlama : ICheckpoint
{
    private const string RopeFactors = "rope_freqs.weight";   // what Llama 3.1 scaling comes to; the config says it

    private readonly GgufFile _file;
    private readonly Dictionary<string, string> _names;

    public GgufLlama(GgufFile file)
    {
        _file = file;
        _names = new(StringComparer.Ordinal);
        foreach (var name in file.Shapes.Keys.Where(name => name != RopeFactors))
        {
            if (!_names.TryAdd(NameOf(name), name))
                throw new CheckpointException($"'{file.Location}' has two tensors for '{NameOf(name)}': '{_names[NameOf(name)]}' and '{name}'. Convert it again.");
        }
        Shapes = _names.ToDictionary(n => n.Key, n => file.Shapes[n.Value], StringComparer.Ordinal);
        Config = new GgufConfig(file).Read(file.Shapes.ContainsKey(RopeFactors) ? file.Read(RopeFactors) : null);
    }

    public LlamaConfig Config { get; }

    public string Location => _file.Location;

    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    public Tensor Read(string name)
    {
        var stored = _file.Read(_names.TryGetValue(name, out var own) ? own : throw new KeyNotFoundException($"'{Location}' has no tensor for '{name}'."));
        if (!name.Contains("q_proj", StringComparison.Ordinal) && !name.Contains("k_proj", StringComparison.Ordinal))
            return stored;
        using (stored)
            return HalfSplit(stored, name.Contains("q_proj", StringComparison.Ordinal) ? Config.Heads : Config.KeyValueHeads);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Rows of each head from interleaved pairs to first halves, then second halves.</summary>
    private static Tensor HalfSplit(Tensor x, long heads)
    {
        using var scope = NewDisposeScope();
        var shape = x.shape;
        if (shape.Length == 0 || shape[0] % (2 * heads) != 0)
            throw new CheckpointException($"a projection with {(shape.Length == 0 ? 0 : shape[0])} rows does not divide into {heads} heads.");
        return x.reshape(heads, shape[0] / heads / 2, 2, -1).transpose(1, 2).reshape(shape).contiguous().MoveToOuterDisposeScope();
    }

    private static string NameOf(string name) => name switch
    {
        "token_embd.weight" => "model.embed_tokens.weight",
        "output_norm.weight" => "model.norm.weight",
        "output.weight" => "lm_head.weight",
        _ when Block().Match(name) is { Success: true } match => $"model.layers.{match.Groups[1].Value}.{Part(match.Groups[2].Value)}.{match.Groups[3].Value}",
        _ => name,   // unexpected: loading will list it
    };

    private static string Part(string part) => part switch
    {
        "attn_norm" => "input_layernorm",
        "ffn_norm" => "post_attention_layernorm",
        "attn_q" => "self_attn.q_proj",
        "attn_k" => "self_attn.k_proj",
        "attn_v" => "self_attn.v_proj",
        "attn_output" => "self_attn.o_proj",
        "ffn_gate" => "mlp.gate_proj",
        "ffn_up" => "mlp.up_proj",
        "ffn_down" => "mlp.down_proj",
        _ => part,
    };

    [GeneratedRegex(@"^blk\.(\d+)\.(\w+)\.(weight|bias)$")]
    private static partial Regex Block();
}

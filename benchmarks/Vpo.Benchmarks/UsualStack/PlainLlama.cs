using System.Diagnostics;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.UsualStack;

/// <summary>
/// LLaMA inference as it is usually written, for comparison: separate q, k and v, a cache that is concatenated at every token,
/// key-value heads repeated by copying, every sequence with its own prompt.
/// </summary>
internal sealed class PlainLlama : IDisposable
{
    private readonly LlamaConfig _config;
    private readonly Dictionary<string, Tensor> _weights;
    private readonly Tensor _inverse;

    public PlainLlama(LlamaModel model, ScalarType type)
    {
        var config = _config = model.Config;
        _weights = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().to(type, copy: true));
        var powers = arange(0, config.HeadDim, 2).to(float32) / config.HeadDim;
        _inverse = 1.0 / Raise(config.RopeTheta, powers);
    }

    /// <summary>Keys and values of each layer, or null before the first call.</summary>
    public (Tensor Key, Tensor Value)[]? Cache { get; set; }

    /// <summary>Tokens a second of reading prompts.</summary>
    public double Reading(int batch, int length) => batch * length / Stopwatches.Best(() =>
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        Cache = null;
        Next(randint(3, _config.VocabularySize, [batch, length], dtype: ScalarType.Int64));
        Cache = null;
    }, 2);

    /// <summary>Tokens a second of greedy writing, without the first.</summary>
    public double Writing(int batch, int length, int tokens)
    {
        using var guard = no_grad();
        var best = double.PositiveInfinity;
        for (var repeat = 0; repeat < 2; repeat++)
        {
            using var scope = NewDisposeScope();
            Cache = null;
            var next = Next(randint(3, _config.VocabularySize, [batch, length], dtype: ScalarType.Int64)).argmax(-1);
            var start = Stopwatch.GetTimestamp();
            for (var i = 1; i < tokens; i++)
                next = Next(next.unsqueeze(1)).argmax(-1);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            Cache = null;
        }
        return batch * (tokens - 1) / best;
    }

    /// <summary>Logits of the last position, [B, vocabulary].</summary>
    public Tensor Next(Tensor ids)
    {
        var past = Cache is null ? 0 : Cache[0].Key.shape[2];
        var x = _weights["model.embed_tokens.weight"].index_select(0, ids.reshape(-1)).view(ids.shape[0], ids.shape[1], -1);
        var cache = new (Tensor, Tensor)[_config.Layers];
        for (var i = 0; i < _config.Layers; i++)
            (x, cache[i]) = Layer(x, i, past);
        Cache = cache;
        var last = Norm(x[.., ^1..], "model.norm.weight");
        return nn.functional.linear(last, _weights.TryGetValue("lm_head.weight", out var head) ? head : _weights["model.embed_tokens.weight"]).squeeze(1);
    }

    public void Dispose()
    {
        foreach (var tensor in _weights.Values)
            tensor.Dispose();
        _inverse.Dispose();
    }

    private static Tensor Raise(double theta, Tensor powers) => pow(tensor(theta), powers);

    private (Tensor, (Tensor, Tensor)) Layer(Tensor x, int index, long past)
    {
        var name = $"model.layers.{index}.";
        var (attended, kept) = Attend(Norm(x, name + "input_layernorm.weight"), name + "self_attn.", index, past);
        x = x + attended;
        var h = Norm(x, name + "post_attention_layernorm.weight");
        var gate = nn.functional.silu(nn.functional.linear(h, _weights[name + "mlp.gate_proj.weight"]));
        return (x + nn.functional.linear(gate * nn.functional.linear(h, _weights[name + "mlp.up_proj.weight"]), _weights[name + "mlp.down_proj.weight"]), kept);
    }

    private (Tensor, (Tensor, Tensor)) Attend(Tensor x, string name, int index, long past)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        Tensor Project(string part, long heads) => nn.functional.linear(x, _weights[name + part + ".weight"]).view(batch, length, heads, _config.HeadDim).transpose(1, 2);
        var angles = outer(arange(past, past + length).to(float32), _inverse);
        var (cos, sin) = (cat([angles, angles], -1).cos().to(x.dtype), cat([angles, angles], -1).sin().to(x.dtype));
        var q = Turn(Project("q_proj", _config.Heads), cos, sin);
        var k = Turn(Project("k_proj", _config.KeyValueHeads), cos, sin);
        var v = Project("v_proj", _config.KeyValueHeads);
        if (Cache is not null)
            (k, v) = (cat([Cache[index].Key, k], 2), cat([Cache[index].Value, v], 2));
        var groups = _config.Heads / _config.KeyValueHeads;
        var mixed = nn.functional.scaled_dot_product_attention(q, k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1), is_casual: length > 1);
        return (nn.functional.linear(mixed.transpose(1, 2).reshape(batch, length, -1), _weights[name + "o_proj.weight"]), (k, v));
    }

    private static Tensor Turn(Tensor x, Tensor cos, Tensor sin)
    {
        var half = (int)(x.shape[^1] / 2);
        return x * cos + cat([-x[.., .., .., half..], x[.., .., .., ..half]], -1) * sin;
    }

    private Tensor Norm(Tensor x, string weight)
    {
        var f = x.to(float32);
        return _weights[weight] * (f * rsqrt(f.pow(2).mean([-1], keepdim: true) + _config.NormEpsilon)).to(x.dtype);
    }
}

using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Rewards.VisionReward.Model;

/// <summary>What all layers of one pass share.</summary>
/// <param name="Angles">[T, headDim/2], float32: position times frequency.</param>
/// <param name="Mask">Added to scores, [1, 1, T, S]; null: the causal rule.</param>
/// <param name="Past">Keys and values of earlier tokens, a pair a layer; null without.</param>
/// <param name="Kept">Gets this pass's keys and values, a pair a layer; null keeps none.</param>
internal sealed record LanguageContext(Tensor Angles, Tensor? Mask, IReadOnlyList<(Tensor Keys, Tensor Values)>? Past, List<(Tensor Keys, Tensor Values)>? Kept);

/// <summary>Root-mean-square norm that multiplies by its weight in float32 and casts last (LLaMA's casts before).</summary>
internal sealed class LateCastNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly double _epsilon;

    public LateCastNorm(Weights weights, VisionRewardConfig config) : base(nameof(LateCastNorm))
    {
        weight = weights.Take("weight", Initialization.Ones, config.Width);
        _epsilon = config.Epsilon;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.to(ScalarType.Float32);
        var normal = x.mul(x.Squared().mean([-1], keepdim: true).Plus(_epsilon).rsqrt());
        return weight.to(ScalarType.Float32).mul(normal).to(input.dtype).MoveToOuterDisposeScope();
    }
}

/// <summary>The stored frequencies of rotary positions.</summary>
internal sealed class StoredRotary : nn.Module
{
    private readonly Parameter inv_freq;

    public StoredRotary(Weights weights, VisionRewardConfig config) : base(nameof(StoredRotary))
    {
        inv_freq = weights.Take("inv_freq", Initialization.Ones, config.HeadDim / 2);
        RegisterComponents();
    }

    public Tensor Frequencies => inv_freq;
}

/// <summary>Grouped-query attention from one fused projection, with rotary positions.</summary>
internal sealed class LanguageAttention : nn.Module
{
    private readonly Linear language_expert_query_key_value, language_expert_dense;
    private readonly StoredRotary rotary_emb;
    private readonly VisionRewardConfig _config;
    private readonly int _layer;

    public LanguageAttention(VisionRewardConfig config, int layer, Weights weights) : base(nameof(LanguageAttention))
    {
        var outputs = (config.Heads + 2 * config.KeyValueHeads) * config.HeadDim;
        language_expert_query_key_value = new(weights.At("language_expert_query_key_value"), config.Width, outputs, hasBias: false);
        language_expert_dense = new(weights.At("language_expert_dense"), config.Width, config.Width, hasBias: false);
        rotary_emb = new(weights.At("rotary_emb"), config);
        (_config, _layer) = (config, layer);
        RegisterComponents();
    }

    public Tensor Frequencies => rotary_emb.Frequencies;

    /// <param name="x">[1, T, width].</param>
    /// <param name="context">What this pass shares.</param>
    public Tensor forward(Tensor x, LanguageContext context)
    {
        using var scope = NewDisposeScope();
        var (length, dim, shared) = (x.shape[1], _config.HeadDim, _config.KeyValueHeads);
        var heads = language_expert_query_key_value.forward(x).view(length, _config.Heads + 2 * shared, dim).transpose(0, 1);
        Tensor cos = context.Angles.cos().to(x.dtype), sin = context.Angles.sin().to(x.dtype);
        var q = Turn(heads.narrow(0, 0, _config.Heads), cos, sin);
        var k = Turn(heads.narrow(0, _config.Heads, shared), cos, sin);
        var v = heads.narrow(0, _config.Heads + shared, shared).contiguous();
        context.Kept?.Add((k.alias().DetachFromDisposeScope(), v.alias().DetachFromDisposeScope()));
        if (context.Past is { } past)
            (k, v) = (cat([past[_layer].Keys, k], 1), cat([past[_layer].Values, v], 1));
        // Query heads that share a key head become the heads of one row; keys are spread without a copy.
        var groups = _config.Heads / shared;
        Tensor Spread(Tensor y) => y.unsqueeze(1).expand(shared, groups, y.shape[1], dim);
        var mixed = nn.functional.scaled_dot_product_attention(q.view(shared, groups, length, dim), Spread(k), Spread(v), context.Mask, 0, is_casual: context.Mask is null);
        return language_expert_dense.forward(mixed.view(_config.Heads, length, dim).transpose(0, 1).reshape(1, length, -1)).MoveToOuterDisposeScope();
    }

    private static Tensor Turn(Tensor x, Tensor cos, Tensor sin)
    {
        var half = x.shape[2] / 2;
        var (first, second) = (x.narrow(-1, 0, half), x.narrow(-1, half, half));
        return cat([first.mul(cos).Minus(second.mul(sin)), second.mul(cos).Plus(first.mul(sin))], -1);
    }
}

/// <summary>down(silu(gate x) · up x).</summary>
internal sealed class GatedMlp : nn.Module<Tensor, Tensor>
{
    private readonly Linear gate_proj, up_proj, down_proj;

    public GatedMlp(VisionRewardConfig config, Weights weights) : base(nameof(GatedMlp))
    {
        gate_proj = new(weights.At("gate_proj"), config.Width, config.Intermediate, hasBias: false);
        up_proj = new(weights.At("up_proj"), config.Width, config.Intermediate, hasBias: false);
        down_proj = new(weights.At("down_proj"), config.Intermediate, config.Width, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return down_proj.forward(nn.functional.silu(gate_proj.forward(x)).mul(up_proj.forward(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>The name under which the checkpoint keeps the MLP: once there was a second expert for pictures.</summary>
internal sealed class LanguageMlp : nn.Module<Tensor, Tensor>
{
    private readonly GatedMlp language_mlp;

    public LanguageMlp(VisionRewardConfig config, Weights weights) : base(nameof(LanguageMlp))
    {
        language_mlp = new(config, weights.At("language_mlp"));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => language_mlp.forward(x);
}

/// <summary>x + attention(norm x), then x + mlp(norm x).</summary>
internal sealed class LanguageLayer : nn.Module
{
    private readonly LateCastNorm input_layernorm, post_attention_layernorm;
    private readonly LanguageAttention self_attn;
    private readonly LanguageMlp mlp;

    public LanguageLayer(VisionRewardConfig config, int index, Weights weights) : base(nameof(LanguageLayer))
    {
        input_layernorm = new(weights.At("input_layernorm"), config);
        self_attn = new(config, index, weights.At("self_attn"));
        post_attention_layernorm = new(weights.At("post_attention_layernorm"), config);
        mlp = new(config, weights.At("mlp"));
        RegisterComponents();
    }

    public Tensor Frequencies => self_attn.Frequencies;

    public Tensor forward(Tensor x, LanguageContext context)
    {
        using var scope = NewDisposeScope();
        var attended = x.Plus(self_attn.forward(input_layernorm.forward(x), context));
        return attended.Plus(mlp.forward(post_attention_layernorm.forward(attended))).MoveToOuterDisposeScope();
    }
}

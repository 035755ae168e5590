using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>Grouped-query attention with rotary positions.</summary>
internal sealed class LlamaAttention : nn.Module
{
    private readonly Linear q_proj, k_proj, v_proj, o_proj;
    private readonly LlamaConfig _config;
    private readonly int _layer;

    public LlamaAttention(LlamaConfig config, int layer, Weights weights) : base(nameof(LlamaAttention))
    {
        var (hidden, start) = (config.HiddenSize, Initialization.Normal(config.InitializerRange));
        var (queries, keys) = (config.Heads * config.HeadDim, config.KeyValueHeads * config.HeadDim);
        q_proj = new(weights.At("q_proj"), hidden, queries, config.AttentionBias, start);
        k_proj = new(weights.At("k_proj"), hidden, keys, config.AttentionBias, start);
        v_proj = new(weights.At("v_proj"), hidden, keys, config.AttentionBias, start);
        o_proj = new(weights.At("o_proj"), queries, hidden, config.AttentionBias, start);
        (_config, _layer) = (config, layer);
        RegisterComponents();
    }

    internal Linear Query => q_proj;
    internal Linear Key => k_proj;
    internal Linear Value => v_proj;
    internal Linear Output => o_proj;

    /// <param name="x">[B, T, H].</param>
    /// <param name="context">What this pass shares.</param>
    public Tensor forward(Tensor x, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        var (batch, length, dim) = (x.shape[0], x.shape[1], _config.HeadDim);
        Tensor Split(Tensor y, long heads) => y.view(batch, length, heads, dim).transpose(1, 2);
        var q = Rotary.Turn(Split(q_proj.forward(x), _config.Heads), context.Cos, context.Sin, dim);
        var k = Rotary.Turn(Split(k_proj.forward(x), _config.KeyValueHeads), context.Cos, context.Sin, dim);
        var v = Split(v_proj.forward(x), _config.KeyValueHeads);
        if (context.Cache is { } cache)
            (k, v) = cache.Append(_layer, k, v, length);
        var mixed = Attention.Mix(q, k, v, context);
        return o_proj.forward(mixed.transpose(1, 2).reshape(batch, length, -1)).MoveToOuterDisposeScope();
    }
}

using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>down(silu(gate x) · up x).</summary>
internal sealed class LlamaMlp : nn.Module<Tensor, Tensor>
{
    private readonly Linear gate_proj, up_proj, down_proj;

    public LlamaMlp(LlamaConfig config, Weights weights) : base(nameof(LlamaMlp))
    {
        var start = Initialization.Normal(config.InitializerRange);
        gate_proj = new(weights.At("gate_proj"), config.HiddenSize, config.IntermediateSize, config.MlpBias, start);
        up_proj = new(weights.At("up_proj"), config.HiddenSize, config.IntermediateSize, config.MlpBias, start);
        down_proj = new(weights.At("down_proj"), config.IntermediateSize, config.HiddenSize, config.MlpBias, start);
        RegisterComponents();
    }

    internal Linear Gate => gate_proj;
    internal Linear Up => up_proj;
    internal Linear Down => down_proj;

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var gate = gate_proj.forward(x);
        return down_proj.forward(nn.functional.silu(gate).mul(up_proj.forward(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>x + attention(norm x), then x + mlp(norm x).</summary>
internal sealed class LlamaLayer : nn.Module
{
    private readonly LlamaAttention self_attn;
    private readonly LlamaMlp mlp;
    private readonly RmsNorm input_layernorm, post_attention_layernorm;

    public LlamaLayer(LlamaConfig config, int index, Weights weights) : base(nameof(LlamaLayer))
    {
        self_attn = new(config, index, weights.At("self_attn"));
        mlp = new(config, weights.At("mlp"));
        input_layernorm = new(weights.At("input_layernorm"), config.HiddenSize, config.NormEpsilon);
        post_attention_layernorm = new(weights.At("post_attention_layernorm"), config.HiddenSize, config.NormEpsilon);
        RegisterComponents();
    }

    internal LlamaAttention Attention => self_attn;
    internal LlamaMlp Mlp => mlp;
    internal RmsNorm InputNorm => input_layernorm;
    internal RmsNorm AttendedNorm => post_attention_layernorm;

    public Tensor forward(Tensor x, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        var attended = x.Plus(self_attn.forward(input_layernorm.forward(x), context));
        return attended.Plus(mlp.forward(post_attention_layernorm.forward(attended))).MoveToOuterDisposeScope();
    }
}

/// <summary>Embedding, layers and final norm: what checkpoints keep under "model.".</summary>
internal sealed class LlamaBody : nn.Module
{
    private readonly TorchSharp.Modules.ModuleList<LlamaLayer> layers;
    private readonly RmsNorm norm;

    public LlamaBody(LlamaConfig config, Weights weights) : base(nameof(LlamaBody))
    {
        embed_tokens = new(weights.At("embed_tokens"), config.VocabularySize, config.HiddenSize, Initialization.Normal(config.InitializerRange));
        layers = new([.. Enumerable.Range(0, config.Layers).Select(i => new LlamaLayer(config, i, weights.At($"layers.{i}")))]);
        norm = new(weights.At("norm"), config.HiddenSize, config.NormEpsilon);
        for (var i = 0; i < config.Layers; i++)
            weights.Ignore($"layers.{i}.self_attn.rotary_emb.inv_freq");   // written by old exports
        RegisterComponents();
    }

    internal readonly Embedding embed_tokens;

    internal IList<LlamaLayer> Layers => layers;
    internal RmsNorm Norm => norm;

    public Tensor forward(Tensor ids, AttentionContext context, ScalarType compute)
    {
        using var scope = NewDisposeScope();
        var x = embed_tokens.forward(ids).to(compute);
        foreach (var layer in layers)
            x = layer.forward(x, context);
        return norm.forward(x).MoveToOuterDisposeScope();
    }
}

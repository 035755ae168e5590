using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Bidirectional attention without 1/√d; only the first block holds the table of positions, which all use.</summary>
internal sealed class T5Attention : nn.Module
{
    private readonly Linear q, k, v, o;
    private readonly Embedding? relative_attention_bias;
    private readonly long _heads, _headDim;

    public T5Attention(T5Config config, bool first, Weights weights) : base(nameof(T5Attention))
    {
        (_heads, _headDim) = (config.Heads, config.HeadDim);
        var inner = _heads * _headDim;
        Linear Projection(string name, double spread) => new(weights.At(name), config.Width, inner, hasBias: false, Initialization.Normal(spread));
        q = Projection("q", Math.Pow(config.Width * _headDim, -0.5));
        k = Projection("k", Math.Pow(config.Width, -0.5));
        v = Projection("v", Math.Pow(config.Width, -0.5));
        o = new(weights.At("o"), inner, config.Width, hasBias: false, Initialization.Normal(Math.Pow(inner, -0.5)));
        relative_attention_bias = first ? new(weights.At("relative_attention_bias"), config.Buckets, _heads, Initialization.Normal(Math.Pow(config.Width, -0.5))) : null;
        RegisterComponents();
    }

    public Embedding? Positions => relative_attention_bias;

    /// <param name="x">[B, L, width].</param>
    /// <param name="bias">[1 or B, heads, L, L], added to the scores.</param>
    public Tensor forward(Tensor x, Tensor bias)
    {
        using var scope = NewDisposeScope();
        Tensor Heads(Tensor y) => y.view(x.shape[0], x.shape[1], _heads, _headDim).transpose(1, 2);
        var scores = Heads(q.forward(x)).matmul(Heads(k.forward(x)).transpose(-2, -1)).Plus(bias);
        var mixed = scores.softmax(-1, ScalarType.Float32).to(x.dtype).matmul(Heads(v.forward(x)));
        return o.forward(mixed.transpose(1, 2).reshape(x.shape[0], x.shape[1], -1)).MoveToOuterDisposeScope();
    }
}

/// <summary>wo(gelu(wi_0 x) · wi_1 x).</summary>
internal sealed class T5Dense : nn.Module<Tensor, Tensor>
{
    private readonly Linear wi_0, wi_1, wo;

    public T5Dense(T5Config config, Weights weights) : base(nameof(T5Dense))
    {
        var (width, inner) = (config.Width, config.FeedForwardWidth);
        wi_0 = new(weights.At("wi_0"), width, inner, hasBias: false, Initialization.Normal(Math.Pow(width, -0.5)));
        wi_1 = new(weights.At("wi_1"), width, inner, hasBias: false, Initialization.Normal(Math.Pow(width, -0.5)));
        wo = new(weights.At("wo"), inner, width, hasBias: false, Initialization.Normal(Math.Pow(inner, -0.5)));
        RegisterComponents();
    }

    /// <summary>float16 would overflow in the last product: as in transformers it is float32, and so is everything that is added to it from then on.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var gated = nn.functional.gelu(wi_0.forward(x), TorchSharp.Modules.GELU.Approximate.tanh).mul(wi_1.forward(x));
        return wo.forward(x.dtype == ScalarType.Float16 ? gated.to(ScalarType.Float32) : gated).MoveToOuterDisposeScope();
    }
}

/// <summary>A sub-layer that adds to its input what it makes of the normed input.</summary>
internal abstract class T5Layer(string name) : nn.Module(name)
{
    public abstract Tensor forward(Tensor x, Tensor bias);
}

internal sealed class T5AttentionLayer : T5Layer
{
    private readonly T5Attention SelfAttention;
    private readonly RmsNorm layer_norm;

    public T5AttentionLayer(T5Config config, bool first, Weights weights) : base(nameof(T5AttentionLayer))
    {
        SelfAttention = new(config, first, weights.At("SelfAttention"));
        layer_norm = new(weights.At("layer_norm"), config.Width, config.NormEpsilon);
        RegisterComponents();
    }

    public Embedding? Positions => SelfAttention.Positions;

    public override Tensor forward(Tensor x, Tensor bias)
    {
        using var scope = NewDisposeScope();
        return x.Plus(SelfAttention.forward(layer_norm.forward(x).to(bias.dtype), bias)).MoveToOuterDisposeScope();
    }
}

internal sealed class T5DenseLayer : T5Layer
{
    private readonly T5Dense DenseReluDense;
    private readonly RmsNorm layer_norm;

    public T5DenseLayer(T5Config config, Weights weights) : base(nameof(T5DenseLayer))
    {
        DenseReluDense = new(config, weights.At("DenseReluDense"));
        layer_norm = new(weights.At("layer_norm"), config.Width, config.NormEpsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor bias)
    {
        using var scope = NewDisposeScope();
        return x.Plus(DenseReluDense.forward(layer_norm.forward(x).to(bias.dtype))).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention, then the dense network.</summary>
internal sealed class T5Block : nn.Module
{
    private readonly TorchSharp.Modules.ModuleList<T5Layer> layer;

    public T5Block(T5Config config, bool first, Weights weights) : base(nameof(T5Block))
    {
        layer = new(new T5AttentionLayer(config, first, weights.At("layer.0")), new T5DenseLayer(config, weights.At("layer.1")));
        RegisterComponents();
    }

    public Embedding? Positions => ((T5AttentionLayer)layer[0]).Positions;

    public Tensor forward(Tensor x, Tensor bias)
    {
        using var attended = layer[0].forward(x, bias);
        return layer[1].forward(attended, bias);
    }
}

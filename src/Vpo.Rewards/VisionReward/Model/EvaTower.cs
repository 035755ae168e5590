using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using Embedding = Vpo.Models.Layers.Embedding;
using LayerNorm = Vpo.Models.Layers.LayerNorm;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Rewards.VisionReward.Model;

/// <summary>A convolution whose kernel is as wide as its step.</summary>
internal sealed class Blocks : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;
    private readonly long _size;

    public Blocks(Weights weights, long inputs, long outputs, long size) : base(nameof(Blocks))
    {
        weight = weights.Take("weight", Initialization.FanIn(inputs * size * size), outputs, inputs, size, size);
        bias = weights.Take("bias", Initialization.Zeros, outputs);
        _size = size;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => nn.functional.conv2d(x, weight, bias, strides: [_size, _size]);
}

/// <summary>A class token, then the patches row by row, each with its place.</summary>
internal sealed class EvaPatches : nn.Module<Tensor, Tensor>
{
    private readonly Blocks proj;
    private readonly Parameter cls_embedding;
    private readonly Embedding position_embedding;

    public EvaPatches(EvaConfig config, Weights weights) : base(nameof(EvaPatches))
    {
        proj = new(weights.At("proj"), 3, config.Width, config.PatchSize);
        cls_embedding = weights.Take(weights.Has("cls_embedding") ? "cls_embedding" : "cls_embedding.weight", Initialization.Normal(), 1, config.Width);
        position_embedding = new(weights.At("position_embedding"), config.Side * config.Side + 1, config.Width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var patches = proj.forward(pixels).flatten(2).transpose(1, 2);
        return cat([cls_embedding.expand(pixels.shape[0], -1, -1), patches], 1).Plus(position_embedding.Weight).MoveToOuterDisposeScope();
    }
}

/// <summary>Full self-attention from one fused projection.</summary>
internal sealed class EvaAttention : nn.Module<Tensor, Tensor>
{
    private readonly Linear query_key_value, dense;
    private readonly long _heads;

    public EvaAttention(EvaConfig config, Weights weights) : base(nameof(EvaAttention))
    {
        query_key_value = new(weights.At("query_key_value"), config.Width, 3 * config.Width);
        dense = new(weights.At("dense"), config.Width, config.Width);
        _heads = config.Heads;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (batch, length) = (x.shape[0], x.shape[1]);
        var three = query_key_value.forward(x).view(batch, length, 3, _heads, -1).permute(2, 0, 3, 1, 4);
        var mixed = nn.functional.scaled_dot_product_attention(three.select(0, 0), three.select(0, 1), three.select(0, 2));
        return dense.forward(mixed.transpose(1, 2).reshape(batch, length, -1)).MoveToOuterDisposeScope();
    }
}

/// <summary>fc2(gelu(fc1 x)).</summary>
internal sealed class EvaMlp : nn.Module<Tensor, Tensor>
{
    private readonly Linear fc1, fc2;

    public EvaMlp(EvaConfig config, Weights weights) : base(nameof(EvaMlp))
    {
        fc1 = new(weights.At("fc1"), config.Width, config.Intermediate);
        fc2 = new(weights.At("fc2"), config.Intermediate, config.Width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return fc2.forward(nn.functional.gelu(fc1.forward(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>x + norm(attention x), then x + norm(mlp x): the norms come after.</summary>
internal sealed class EvaLayer : nn.Module<Tensor, Tensor>
{
    private readonly LayerNorm input_layernorm, post_attention_layernorm;
    private readonly EvaAttention attention;
    private readonly EvaMlp mlp;

    public EvaLayer(EvaConfig config, Weights weights) : base(nameof(EvaLayer))
    {
        input_layernorm = new(weights.At("input_layernorm"), config.Width, config.Epsilon);
        attention = new(config, weights.At("attention"));
        mlp = new(config, weights.At("mlp"));
        post_attention_layernorm = new(weights.At("post_attention_layernorm"), config.Width, config.Epsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var attended = x.Plus(input_layernorm.forward(attention.forward(x)));
        return attended.Plus(post_attention_layernorm.forward(mlp.forward(attended))).MoveToOuterDisposeScope();
    }
}

/// <summary>The tower's layers; there is no norm after them.</summary>
internal sealed class EvaTransformer : nn.Module<Tensor, Tensor>
{
    private readonly ModuleList<EvaLayer> layers;

    public EvaTransformer(EvaConfig config, Weights weights) : base(nameof(EvaTransformer))
    {
        layers = new([.. Enumerable.Range(0, config.Layers).Select(i => new EvaLayer(config, weights.At($"layers.{i}")))]);
        RegisterComponents();
    }

    public EvaLayer First => layers[0];

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in layers)
            x = layer.forward(x);
        return x.MoveToOuterDisposeScope();
    }
}

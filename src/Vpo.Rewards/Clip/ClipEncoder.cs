using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using LayerNorm = Vpo.Models.Layers.LayerNorm;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Rewards.Clip;

/// <summary>Self-attention of either tower.</summary>
internal sealed class ClipAttention : nn.Module
{
    private readonly Linear q_proj, k_proj, v_proj, out_proj;
    private readonly long _heads;

    public ClipAttention(ClipTower tower, Weights weights) : base(nameof(ClipAttention))
    {
        Linear Square(string name) => new(weights.At(name), tower.Width, tower.Width);
        (q_proj, k_proj, v_proj, out_proj) = (Square("q_proj"), Square("k_proj"), Square("v_proj"), Square("out_proj"));
        _heads = tower.Heads;
        RegisterComponents();
    }

    /// <param name="x">[B, T, width].</param>
    /// <param name="mask">Added to scores, broadcast against [B, heads, T, T]; null: everything is seen.</param>
    public Tensor forward(Tensor x, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var (batch, length) = (x.shape[0], x.shape[1]);
        Tensor Split(Tensor y) => y.view(batch, length, _heads, -1).transpose(1, 2);
        var mixed = nn.functional.scaled_dot_product_attention(Split(q_proj.forward(x)), Split(k_proj.forward(x)), Split(v_proj.forward(x)), mask);
        return out_proj.forward(mixed.transpose(1, 2).reshape(batch, length, -1)).MoveToOuterDisposeScope();
    }
}

/// <summary>fc2(activation(fc1 x)).</summary>
internal sealed class ClipMlp : nn.Module<Tensor, Tensor>
{
    private const double Quick = 1.702;

    private readonly Linear fc1, fc2;
    private readonly ClipActivation _activation;

    public ClipMlp(ClipTower tower, Weights weights) : base(nameof(ClipMlp))
    {
        fc1 = new(weights.At("fc1"), tower.Width, tower.Intermediate);
        fc2 = new(weights.At("fc2"), tower.Intermediate, tower.Width);
        _activation = tower.Activation;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var inner = fc1.forward(x);
        var active = _activation == ClipActivation.Gelu ? nn.functional.gelu(inner) : inner.mul(inner.Times(Quick).sigmoid());
        return fc2.forward(active).MoveToOuterDisposeScope();
    }
}

/// <summary>x + attention(norm x), then x + mlp(norm x).</summary>
internal sealed class ClipLayer : nn.Module
{
    private readonly ClipAttention self_attn;
    private readonly ClipMlp mlp;
    private readonly LayerNorm layer_norm1, layer_norm2;

    public ClipLayer(ClipTower tower, Weights weights) : base(nameof(ClipLayer))
    {
        self_attn = new(tower, weights.At("self_attn"));
        mlp = new(tower, weights.At("mlp"));
        layer_norm1 = new(weights.At("layer_norm1"), tower.Width, tower.Epsilon);
        layer_norm2 = new(weights.At("layer_norm2"), tower.Width, tower.Epsilon);
        RegisterComponents();
    }

    public Tensor forward(Tensor x, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var attended = x.Plus(self_attn.forward(layer_norm1.forward(x), mask));
        return attended.Plus(mlp.forward(layer_norm2.forward(attended))).MoveToOuterDisposeScope();
    }
}

/// <summary>The layers of a tower.</summary>
internal sealed class ClipEncoder : nn.Module
{
    private readonly ModuleList<ClipLayer> layers;

    public ClipEncoder(ClipTower tower, Weights weights) : base(nameof(ClipEncoder))
    {
        layers = new([.. Enumerable.Range(0, tower.Layers).Select(i => new ClipLayer(tower, weights.At($"layers.{i}")))]);
        RegisterComponents();
    }

    public Tensor forward(Tensor x, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in layers)
            x = layer.forward(x, mask);
        return x.MoveToOuterDisposeScope();
    }
}

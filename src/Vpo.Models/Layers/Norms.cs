using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Models.Layers;

/// <summary>Root-mean-square norm: x / √(mean x² + ε), in float32, cast back, then times weight (the order of LLaMA and T5).</summary>
public sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly double _epsilon;

    /// <summary>Takes weight [width].</summary>
    public RmsNorm(Weights weights, long width, double epsilon) : base(nameof(RmsNorm))
    {
        weight = weights.Take("weight", Initialization.Ones, width);
        _epsilon = epsilon;
        RegisterComponents();
    }

    internal Parameter Weight => weight;
    internal double Epsilon => _epsilon;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.to(ScalarType.Float32);
        var scale = x.Squared().mean([-1], keepdim: true).Plus(_epsilon).rsqrt();
        return weight.to(input.dtype).mul(x.mul(scale).to(input.dtype)).MoveToOuterDisposeScope();
    }
}

/// <summary>Layer norm over the last axis with weight and bias.</summary>
public sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;
    private readonly double _epsilon;
    private readonly long[] _shape;

    /// <summary>Takes weight and bias [width].</summary>
    public LayerNorm(Weights weights, long width, double epsilon) : base(nameof(LayerNorm))
    {
        weight = weights.Take("weight", Initialization.Ones, width);
        bias = weights.Take("bias", Initialization.Zeros, width);
        (_epsilon, _shape) = (epsilon, [width]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (input.dtype == weight.dtype)
            return nn.functional.layer_norm(input, _shape, weight, bias, _epsilon);
        using var scope = NewDisposeScope();
        return nn.functional.layer_norm(input, _shape, weight.to(input.dtype), bias.to(input.dtype), _epsilon).MoveToOuterDisposeScope();
    }
}

using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Models.Layers;

/// <summary>y = x Wᵀ + b.</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    /// <summary>Takes weight [outputs, inputs] and, if asked for, bias [outputs].</summary>
    public Linear(Weights weights, long inputs, long outputs, bool hasBias = true, Initialization? start = null) : base(nameof(Linear))
    {
        weight = weights.Take("weight", start ?? Initialization.FanIn(inputs), outputs, inputs);
        bias = hasBias ? weights.Take("bias", Initialization.Zeros, outputs) : null;
        RegisterComponents();
    }

    /// <summary>The matrix, [outputs, inputs].</summary>
    public Parameter Weight => weight;

    /// <summary>The offset, [outputs], or null.</summary>
    public Parameter? Bias => bias;

    /// <summary>Computes in the input's type: parameters of another type (float32 masters of a bfloat16 pass) are cast, and their gradients cast back.</summary>
    public override Tensor forward(Tensor input)
    {
        if (input.dtype == weight.dtype)
            return nn.functional.linear(input, weight, bias);
        using var scope = NewDisposeScope();
        return nn.functional.linear(input, weight.to(input.dtype), bias?.to(input.dtype)).MoveToOuterDisposeScope();
    }
}

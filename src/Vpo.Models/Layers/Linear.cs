using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Lora;
using static TorchSharp.torch;

namespace Vpo.Models.Layers;

/// <summary>y = x Wᵀ + b.</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private LoraFactors? _factors;
    private WholeParameter? _whole;

    /// <summary>Takes weight [outputs, inputs] and, if asked for, bias [outputs].</summary>
    public Linear(Weights weights, long inputs, long outputs, bool hasBias = true, Initialization? start = null) : base(nameof(Linear))
    {
        weight = weights.Take("weight", start ?? Initialization.FanIn(inputs), outputs, inputs);
        bias = hasBias ? weights.Take("bias", Initialization.Zeros, outputs) : null;
        RegisterComponents();
    }

    /// <summary>The matrix, [outputs, inputs]; the one that an adapter keeps whole, while it is on.</summary>
    public Parameter Weight => _whole is { IsOn: true } whole ? whole.Value : weight;

    /// <summary>The offset, [outputs], or null.</summary>
    public Parameter? Bias => bias;

    /// <summary>The matrix without any adapter.</summary>
    internal Parameter Base => weight;

    /// <summary>What an adapter adds; null without one.</summary>
    internal LoraFactors? Factors => _factors;

    /// <summary>Computes in the input's type: parameters of another type (float32 masters of a bfloat16 pass) are cast, and their gradients cast back.</summary>
    public override Tensor forward(Tensor input)
    {
        if (_factors is not { IsOn: true } factors)
            return Plain(input, Weight);
        using var scope = NewDisposeScope();
        return factors.Apply(Plain(input, Weight), input, this).MoveToOuterDisposeScope();
    }

    /// <summary>Takes an adapter's factors in, or lets them go.</summary>
    internal void Attach(LoraFactors? factors) => _factors = factors;

    /// <summary>Takes a matrix in that an adapter keeps whole, or lets it go.</summary>
    internal void Attach(WholeParameter? whole) => _whole = whole;

    private Tensor Plain(Tensor input, Parameter matrix)
    {
        if (input.dtype == matrix.dtype)
            return nn.functional.linear(input, matrix, bias);
        using var scope = NewDisposeScope();
        return nn.functional.linear(input, matrix.to(input.dtype), bias?.to(input.dtype)).MoveToOuterDisposeScope();
    }
}

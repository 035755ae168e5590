using TorchSharp.Modules;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Models.Lora;

/// <summary>What an adapter adds to one linear layer: scale · B A x, and with DoRA a length for each row of the sum.</summary>
internal sealed class LoraFactors(Linear a, Linear b, Parameter? magnitude, double scale, LoraSwitch state)
{
    public Linear A => a;
    public Linear B => b;
    public Parameter? Magnitude => magnitude;
    public bool IsOn => state.IsOn;

    /// <summary>What B·A is multiplied by.</summary>
    public double Scale => scale * state.Strength;

    /// <param name="plain">What the layer gives without adapter, its bias included.</param>
    /// <param name="input">[..., inputs].</param>
    /// <param name="layer">The layer.</param>
    public Tensor Apply(Tensor plain, Tensor input, Linear layer)
    {
        using var scope = NewDisposeScope();
        var added = b.forward(a.forward(input)).Times(Scale);
        if (magnitude is null)
            return plain.Plus(added).MoveToOuterDisposeScope();
        var stretch = magnitude.div(RowLengths(layer.Base).detach()).to(input.dtype);   // the length counts as a constant (DoRA, section 4.3)
        var straight = layer.Bias is { } bias ? plain.Minus(bias.to(input.dtype)) : plain;
        return plain.Plus(stretch.Plus(-1).mul(straight)).Plus(stretch.mul(added)).MoveToOuterDisposeScope();
    }

    /// <summary>The layer's matrix with the adapter in it, float32.</summary>
    public Tensor Merged(Tensor matrix)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var sum = Sum(matrix);
        return (magnitude is null ? sum : sum.mul(magnitude.to(ScalarType.Float32).div(Lengths(sum)).unsqueeze(1))).MoveToOuterDisposeScope();
    }

    /// <summary>‖W + scale·B A‖ of each row: the magnitudes at which DoRA changes nothing.</summary>
    public Tensor RowLengths(Tensor matrix)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        return Lengths(Sum(matrix)).MoveToOuterDisposeScope();
    }

    private Tensor Sum(Tensor matrix) => matrix.to(ScalarType.Float32).Plus(b.Weight.to(ScalarType.Float32).mm(a.Weight.to(ScalarType.Float32)).Times(Scale));

    private static Tensor Lengths(Tensor matrix) => matrix.Squared().sum(1).sqrt();
}

/// <summary>One switch for all layers of an adapter.</summary>
internal sealed class LoraSwitch
{
    public bool IsOn { get; set; } = true;

    /// <summary>Multiplies what the adapter adds.</summary>
    public double Strength { get; set; } = 1;
}

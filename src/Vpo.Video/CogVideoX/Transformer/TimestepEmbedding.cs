using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Two linear layers over the cosines and sines of a number: the conditioning vector of the blocks.</summary>
internal sealed class TimestepEmbedding : nn.Module
{
    private readonly Linear linear_1, linear_2;
    private readonly long _inputs;
    private readonly (bool CosineFirst, double Shift) _order;

    public TimestepEmbedding(TransformerConfig config, long inputs, Weights weights) : base(nameof(TimestepEmbedding))
    {
        linear_1 = new(weights.At("linear_1"), inputs, config.TimeWidth);
        linear_2 = new(weights.At("linear_2"), config.TimeWidth, config.TimeWidth);
        (_inputs, _order) = (inputs, (config.CosineFirst, config.FrequencyShift));
        RegisterComponents();
    }

    /// <param name="numbers">[B].</param>
    /// <param name="type">Type of the arithmetic after the sinusoids, which are float32.</param>
    /// <returns>[B, TimeWidth].</returns>
    public Tensor forward(Tensor numbers, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var inner = linear_1.forward(Sinusoids(numbers).to(type));
        return linear_2.forward(nn.functional.silu(inner)).MoveToOuterDisposeScope();
    }

    private Tensor Sinusoids(Tensor numbers)
    {
        var half = _inputs / 2;
        var frequencies = Scalars.Range(0, half, ScalarType.Float32, numbers.device).Times(-Math.Log(10000)).Times(1 / (half - _order.Shift)).exp();
        var angles = numbers.to(ScalarType.Float32).unsqueeze(1).mul(frequencies.unsqueeze(0));
        return _order.CosineFirst ? cat([angles.cos(), angles.sin()], 1) : cat([angles.sin(), angles.cos()], 1);
    }
}

using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>Rotary position embedding in the half-split layout of Hugging Face: (x1, x2) → (x1 cos − x2 sin, x2 cos + x1 sin).</summary>
internal sealed class Rotary
{
    private readonly Tensor _frequencies;   // [1, headDim/2], float32

    public Rotary(LlamaConfig config, Device device)
    {
        var frequencies = FrequenciesOf(config);
        _frequencies = tensor(frequencies, [1, frequencies.Length], device: device).DetachFromDisposeScope();
    }

    /// <summary>The angle that each pair of numbers turns by from one position to the next, headDim/2 of them.</summary>
    public static float[] FrequenciesOf(LlamaConfig config)
    {
        var frequencies = new float[config.HeadDim / 2];
        for (var i = 0; i < frequencies.Length; i++)
            frequencies[i] = (float)config.Rope.Apply((float)(1 / Math.Pow(config.RopeTheta, 2.0 * i / config.HeadDim)));
        return frequencies;
    }

    /// <summary>cos and sin for positions [B or 1, T], shaped [B or 1, 1, T, headDim/2]: computed in float32, then cast.</summary>
    public (Tensor Cos, Tensor Sin) At(Tensor positions, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var angles = positions.to(ScalarType.Float32).unsqueeze(-1).mul(_frequencies).unsqueeze(1);
        return (angles.cos().to(type).MoveToOuterDisposeScope(), angles.sin().to(type).MoveToOuterDisposeScope());
    }

    /// <summary>Turns x [B, heads, T, headDim].</summary>
    public static Tensor Turn(Tensor x, Tensor cos, Tensor sin, long headDim)
    {
        using var scope = NewDisposeScope();
        var half = headDim / 2;
        var (first, second) = (x.narrow(-1, 0, half), x.narrow(-1, half, half));
        return cat([first.mul(cos).Minus(second.mul(sin)), second.mul(cos).Plus(first.mul(sin))], -1).MoveToOuterDisposeScope();
    }
}

using Vpo.Models.Tensors;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Vpo.Training.Kernels;

/// <summary>silu(gate) · up, where gate and up are the two halves of each row, and its gradient.</summary>
internal static class GatedUnitKernel
{
    /// <param name="both">[T, 2I]: gate, then up.</param>
    /// <returns>[T, I].</returns>
    public static Tensor Forward(Tensor both)
    {
        var half = (int)both.shape[1] / 2;
        if (!TensorRows.Supports(both))
            return Composed(both, half);
        var result = empty([both.shape[0], half], dtype: both.dtype);
        TensorRows from = TensorRows.Of(both), into = TensorRows.Of(result);
        Workers.Run(both.shape[0], half, (_, first, last) =>
        {
            float[] gate = new float[half], up = new float[half], sigmoid = new float[half];
            for (var t = first; t < last; t++)
            {
                from.Read(t, gate);
                from.Read(t, half, up);
                TensorPrimitives.Sigmoid<float>(gate, sigmoid);
                TensorPrimitives.Multiply(gate, up, up);
                TensorPrimitives.Multiply(up, sigmoid, up);
                into.Write(t, up);
            }
        });
        return result;
    }

    /// <summary>The gradient for both halves, which takes their place.</summary>
    /// <param name="both">What <see cref="Forward"/> got; overwritten by its gradient.</param>
    /// <param name="gradient">[T, I]: for the result; overwritten by the result itself, which the next matrix's gradient needs.</param>
    public static void Backward(Tensor both, Tensor gradient)
    {
        var half = (int)both.shape[1] / 2;
        if (!TensorRows.Supports(both))
        {
            ComposedBackward(both, gradient, half);
            return;
        }
        TensorRows pair = TensorRows.Of(both), rows = TensorRows.Of(gradient);
        Workers.Run(both.shape[0], half, (_, first, last) =>
        {
            float[] gate = new float[half], up = new float[half], sigmoid = new float[half], back = new float[half], work = new float[half];
            for (var t = first; t < last; t++)
            {
                pair.Read(t, gate);
                pair.Read(t, half, up);
                rows.Read(t, back);
                TensorPrimitives.Sigmoid<float>(gate, sigmoid);
                TensorPrimitives.Multiply(gate, sigmoid, gate);   // silu
                TensorPrimitives.Multiply(gate, up, work);
                rows.Write(t, work);
                TensorPrimitives.Multiply(back, gate, work);
                pair.Write(t, half, work);
                TensorPrimitives.Multiply(back, up, back);
                TensorPrimitives.Multiply(gate, sigmoid, work);
                TensorPrimitives.Subtract(gate, work, work);
                TensorPrimitives.Add(work, sigmoid, work);   // silu' = σ + silu − silu · σ
                TensorPrimitives.Multiply(back, work, back);
                pair.Write(t, back);
            }
        });
    }

    internal static Tensor Composed(Tensor both, long half)
    {
        using var scope = NewDisposeScope();
        return nn.functional.silu(both.narrow(1, 0, half)).mul(both.narrow(1, half, half)).MoveToOuterDisposeScope();
    }

    internal static void ComposedBackward(Tensor both, Tensor gradient, long half)
    {
        using var scope = NewDisposeScope();
        var (gate, up, back) = (both.narrow(1, 0, half).to(ScalarType.Float32), both.narrow(1, half, half).to(ScalarType.Float32), gradient.to(ScalarType.Float32));
        var sigmoid = gate.sigmoid();
        var silu = gate.mul(sigmoid);
        var (ofGate, ofUp, result) = (back.mul(up).mul(sigmoid.Plus(silu.mul(sigmoid.neg().Plus(1)))), back.mul(silu), silu.mul(up));   // before anything is overwritten
        both.narrow(1, 0, half).copy_(ofGate);
        both.narrow(1, half, half).copy_(ofUp);
        gradient.copy_(result);
    }
}

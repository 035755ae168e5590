using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

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
            float[] gate = RowVectors.Room(half), up = RowVectors.Room(half);
            for (var t = first; t < last; t++)
            {
                from.Read(t, gate.AsSpan(0, half));
                from.Read(t, half, up.AsSpan(0, half));
                Unit(gate, up);
                into.Write(t, up.AsSpan(0, half));
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
            float[] gate = RowVectors.Room(half), up = RowVectors.Room(half), back = RowVectors.Room(half);
            for (var t = first; t < last; t++)
            {
                pair.Read(t, gate.AsSpan(0, half));
                pair.Read(t, half, up.AsSpan(0, half));
                rows.Read(t, back.AsSpan(0, half));
                Differentiate(gate, up, back);
                pair.Write(t, gate.AsSpan(0, half));
                pair.Write(t, half, up.AsSpan(0, half));
                rows.Write(t, back.AsSpan(0, half));
            }
        });
    }

    /// <summary>up ← silu(gate) · up.</summary>
    [MethodImpl(Workers.Hot)]
    private static void Unit(float[] gate, float[] up)
    {
        for (var at = 0; at < gate.Length; at += RowVectors.Count)
        {
            var x = gate.From(at);
            (x * RowVectors.Sigmoid(x) * up.From(at)).To(up, at);
        }
    }

    /// <summary>gate and up ← their gradients, back ← the unit itself.</summary>
    [MethodImpl(Workers.Hot)]
    private static void Differentiate(float[] gate, float[] up, float[] back)
    {
        for (var at = 0; at < gate.Length; at += RowVectors.Count)
        {
            Vector512<float> x = gate.From(at), factor = up.From(at), gradient = back.From(at);
            var sigmoid = RowVectors.Sigmoid(x);
            var silu = x * sigmoid;
            (gradient * factor * (sigmoid + silu - silu * sigmoid)).To(gate, at);   // silu' = σ + silu − silu · σ
            (gradient * silu).To(up, at);
            (silu * factor).To(back, at);
        }
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

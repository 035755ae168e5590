using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vpo.Models.Tensors;
using Vpo.Training.Optimizers;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Vpo.Training.Kernels;

/// <summary>The numbers of one AdamW step.</summary>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="Shrink">1 − rate · weight decay.</param>
/// <param name="Rate">rate / (1 − β1^t).</param>
/// <param name="Root">1 / √(1 − β2^t).</param>
internal readonly record struct AdamStep(float Beta1, float Beta2, float Epsilon, float Shrink, float Rate, float Root);

/// <summary>
/// AdamW of moments in 8 bits, block by block: both moments are unpacked, renewed, used as they are then, and packed again, so that no more than a
/// block of them is ever in float32.
/// </summary>
internal static unsafe class NarrowAdamKernel
{
    private const int Block = NarrowMoment.Block;
    private const long BlocksAtOnce = 1 << 14;

    /// <summary>One update in place.</summary>
    /// <param name="value">float32: the parameter.</param>
    /// <param name="gradient">float32, as many numbers.</param>
    /// <param name="first">First moment.</param>
    /// <param name="second">Second moment.</param>
    /// <param name="step">The numbers.</param>
    public static void Step(Tensor value, Tensor gradient, NarrowMoment first, NarrowMoment second, AdamStep step)
    {
        if (!TensorRows.Supports(value) || !value.is_contiguous() || !gradient.is_contiguous())
        {
            Composed(value, gradient, first, second, step);
            return;
        }
        TensorRows values = TensorRows.Of(value, Block), gradients = TensorRows.Of(gradient, Block);
        Packed m = Packed.Of(first), v = Packed.Of(second);
        var count = first.Count;
        Workers.Run(first.Codes.shape[0], Block, (_, from, to) =>
        {
            var work = new Work();
            for (var block = from; block < to; block++)
            {
                var length = (int)Math.Min(Block, count - block * Block);
                values.Read(block, work.Value.AsSpan(0, length));
                gradients.Read(block, work.Gradient.AsSpan(0, length));
                work.Gradient.AsSpan(length).Clear();
                m.Read(block, work.First);
                v.Read(block, work.Second);
                work.Update(step);
                m.Write(block, work.First, work.Share);
                v.Write(block, work.Second, work.Share);
                values.Write(block, work.Value.AsSpan(0, length));
            }
        });
    }

    /// <summary>The same by whole tensors, on any device.</summary>
    internal static void Composed(Tensor value, Tensor gradient, NarrowMoment first, NarrowMoment second, AdamStep step)
    {
        using var scope = NewDisposeScope();
        Tensor values = value.contiguous().view(-1), gradients = gradient.contiguous().view(-1);
        var blocks = first.Codes.shape[0];
        for (var at = 0L; at < blocks; at += BlocksAtOnce)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(BlocksAtOnce, blocks - at);
            var length = Math.Min(count * Block, first.Count - at * Block);
            var g = nn.functional.pad(gradients.narrow(0, at * Block, length), [0, count * Block - length]).view(count, Block);
            var m = first.Read(at, count).TimesInPlace(step.Beta1).PlusInPlace(g, 1 - step.Beta1);
            var v = second.Read(at, count).TimesInPlace(step.Beta2).PlusInPlace(g.mul(g), 1 - step.Beta2);
            var update = m.div(v.sqrt().TimesInPlace(step.Root).Plus(step.Epsilon)).view(-1).narrow(0, 0, length);
            values.narrow(0, at * Block, length).TimesInPlace(step.Shrink).PlusInPlace(update, -step.Rate);
            first.Write(at, m);
            second.Write(at, v);
        }
        if (!value.is_contiguous())
            value.copy_(values.view(value.shape));
    }

    /// <summary>A block in float32.</summary>
    private sealed class Work
    {
        public readonly float[] Value = new float[Block], Gradient = new float[Block], First = new float[Block], Second = new float[Block], Share = new float[Block];

        public void Update(AdamStep step)
        {
            TensorPrimitives.Multiply(First, step.Beta1, First);
            TensorPrimitives.MultiplyAdd(Gradient, 1 - step.Beta1, First, First);
            TensorPrimitives.Multiply<float>(Gradient, Gradient, Gradient);
            TensorPrimitives.Multiply(Second, step.Beta2, Second);
            TensorPrimitives.MultiplyAdd(Gradient, 1 - step.Beta2, Second, Second);
            TensorPrimitives.Sqrt<float>(Second, Share);
            TensorPrimitives.Multiply(Share, step.Root, Share);
            TensorPrimitives.Add(Share, step.Epsilon, Share);
            TensorPrimitives.Divide<float>(First, Share, Share);
            TensorPrimitives.Multiply(Value, step.Shrink, Value);
            TensorPrimitives.MultiplyAdd(Share, -step.Rate, Value, Value);
        }
    }

    /// <summary>The memory of a moment on the CPU. The moment must outlive it.</summary>
    private readonly struct Packed
    {
        private readonly byte* _codes;
        private readonly float* _largest;
        private readonly DynamicMap _map;

        private Packed(byte* codes, float* largest, DynamicMap map)
        {
            _codes = codes;
            _largest = largest;
            _map = map;
        }

        public static Packed Of(NarrowMoment moment) => new(Start(moment.Codes), (float*)Start(moment.Largest), moment.Map);

        public void Read(long block, Span<float> into)
        {
            var levels = _map.Values;
            var codes = _codes + block * Block;
            for (var i = 0; i < Block; i++)
                into[i] = levels[codes[i]];
            TensorPrimitives.Multiply(into, _largest[block], into);
        }

        public void Write(long block, ReadOnlySpan<float> values, Span<float> shares)
        {
            var largest = Math.Abs(TensorPrimitives.MaxMagnitude(values));
            var codes = _codes + block * Block;
            _largest[block] = largest;
            TensorPrimitives.Divide(values, largest > 0 ? largest : 1, shares);
            for (var i = 0; i < Block; i++)
                codes[i] = _map.Nearest(shares[i]);
        }

        private static byte* Start(Tensor tensor) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
    }
}

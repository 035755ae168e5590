using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Vpo.Models.Decoding;

/// <summary>A matrix of the model in the type in which it is multiplied: where possible the model's own memory.</summary>
internal sealed unsafe class WeightMatrix : IDisposable
{
    private readonly WeightType _type;
    private readonly Tensor _values;   // [outputs, width]
    private readonly byte* _at;
    private readonly PinnedBuffer<float> _scales = new();

    /// <param name="weight">[outputs, inputs], in the memory of this process; may be disposed afterwards.</param>
    /// <param name="type">How to read it.</param>
    /// <param name="arena">Gets a copy; null: memory that is fit to be read is read in place.</param>
    public WeightMatrix(Tensor weight, WeightType type, WeightArena? arena = null)
    {
        _type = type;
        (Outputs, Inputs) = ((int)weight.shape[0], (int)weight.shape[1]);
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var width = Activations.Padded(Inputs);
        var fits = arena is null && type != WeightType.Int8 && weight.dtype == WeightArena.TypeOf(type) && width == Inputs && weight.is_contiguous();
        _values = (fits ? weight.detach() : arena?.Take(Outputs, width) ?? zeros([Outputs, width], dtype: WeightArena.TypeOf(type))).DetachFromDisposeScope();
        if (type == WeightType.Int8)
            Quantise(weight);
        else if (!fits)
            _values.narrow(1, 0, Inputs).copy_(weight.detach());
        _at = AddressOf(_values);
        CopiedBytes = _at == AddressOf(weight) ? 0 : _values.numel() * _values.element_size();
    }

    /// <summary>Rows.</summary>
    public int Outputs { get; }

    /// <summary>Columns, without padding.</summary>
    public int Inputs { get; }

    /// <summary>Memory taken beside the model's own.</summary>
    public long CopiedBytes { get; }

    /// <summary>Bytes of one row, as read.</summary>
    public long RowBytes => _values.shape[1] * _values.element_size();

    /// <summary>Multiplies some of the rows with all rows of x.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="first">First row of this matrix.</param>
    /// <param name="count">How many.</param>
    /// <param name="y">Where the first row of this matrix and the first of x meet.</param>
    /// <param name="stride">From one row of x to the next in y.</param>
    public void Multiply(Activations x, int first, int count, float* y, nint stride)
    {
        if (x.Library is { } input)
        {
            MultiplyInLibrary(input, x.Rows, (first, count), y, stride);
            return;
        }
        var block = new Block(_at + first * RowBytes, _scales.At + first, (count, x.Width), y, stride);
        switch (_type)
        {
            case WeightType.Float32: Float32Kernel.Multiply(block, x.Floats, x.Rows); break;
            case WeightType.BFloat16: BFloat16Kernel.Multiply(block, x.Floats, x.Rows); break;
            default: Int8Kernel.Multiply(block, x.Shorts, x.Steps, x.Rows); break;
        }
    }

    public void Dispose() => _values.Dispose();

    private static byte* AddressOf(Tensor tensor)
    {
        using var row = tensor.narrow(0, 0, 1);   // the whole may be more than a span can hold
        return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(row.bytes));
    }

    private void MultiplyInLibrary(Tensor x, int rows, (int First, int Count) outputs, float* y, nint stride)
    {
        var count = outputs.Count;
        using var guard = no_grad();
        using var part = _values.narrow(0, outputs.First, count);
        using var product = nn.functional.linear(x, part);
        var from = (ushort*)AddressOf(product);
        for (var row = 0; row < rows; row++, from += count, y += stride)
        {
            var i = 0;
            for (; i + VectorLanes.Count <= count; i += VectorLanes.Count)
                VectorLanes.Load(from + i).Store(y + i);
            for (; i < count; i++)
                y[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
        }
    }

    private void Quantise(Tensor weight)
    {
        var width = Activations.Padded(Inputs);
        var to = AddressOf(_values);
        var scales = _scales.Ensure(Outputs);
        const int Chunk = 1024;
        for (var start = 0; start < Outputs; start += Chunk)
        {
            using var scope = NewDisposeScope();
            var rows = weight.detach().narrow(0, start, Math.Min(Chunk, Outputs - start)).to(ScalarType.Float32).contiguous();
            var from = (float*)AddressOf(rows);
            var first = start;
            Parallel.For(0, (int)rows.shape[0], row =>
                scales[first + row] = Quantise(new(from + (nint)row * Inputs, Inputs), new((sbyte*)to + (nint)(first + row) * width, width)));
        }
    }

    private static float Quantise(ReadOnlySpan<float> values, Span<sbyte> to)
    {
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude(values));
        if (largest == 0 || !float.IsFinite(largest))
            return largest == 0 ? 0 : float.NaN;
        for (var i = 0; i < values.Length; i++)
            to[i] = (sbyte)MathF.Round(values[i] * (sbyte.MaxValue / largest));
        return largest / sbyte.MaxValue;
    }
}

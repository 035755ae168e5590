using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace Vpo.Training.Kernels;

/// <summary>Rows of a contiguous float32 or bfloat16 tensor on the CPU, read and written as float32. The tensor must outlive it.</summary>
internal readonly unsafe struct TensorRows
{
    private readonly byte* _start;
    private readonly bool _isNarrow;

    private TensorRows(byte* start, bool isNarrow, int width)
    {
        _start = start;
        _isNarrow = isNarrow;
        Width = width;
    }

    /// <summary>Elements of a row.</summary>
    public int Width { get; }

    /// <param name="tensor">Contiguous, on the CPU, float32 or bfloat16.</param>
    /// <param name="width">Elements of a row; null: the last axis.</param>
    public static TensorRows Of(Tensor tensor, int? width = null)
    {
        var type = tensor.dtype;
        if (type is not (ScalarType.Float32 or ScalarType.BFloat16) || !tensor.is_contiguous())
            throw new ArgumentException($"expected a contiguous float32 or bfloat16 tensor, found {type}, contiguous: {tensor.is_contiguous()}.", nameof(tensor));
        var start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
        return new(start, type == ScalarType.BFloat16, width ?? (int)tensor.shape[^1]);
    }

    /// <summary>All elements as float32, with room for whole vectors.</summary>
    public static float[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var numbers = RowVectors.Room((int)tensor.numel());
        MemoryMarshal.Cast<byte, float>(tensor.detach().to(ScalarType.Float32).contiguous().bytes).CopyTo(numbers);
        return numbers;
    }

    /// <summary>Whether the kernels run on this tensor: on the CPU, in a type they know, of less than 2 GiB.</summary>
    public static bool Supports(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU && tensor.dtype is (ScalarType.Float32 or ScalarType.BFloat16) && tensor.numel() < int.MaxValue / sizeof(float);

    /// <summary>One element.</summary>
    public float At(long row, int column)
    {
        Span<float> one = stackalloc float[1];
        Read(row, column, one);
        return one[0];
    }

    /// <summary>Copies the first elements of a row.</summary>
    public void Read(long row, Span<float> into) => Read(row, 0, into);

    /// <summary>Copies elements of a row from a column on.</summary>
    public void Read(long row, int column, Span<float> into)
    {
        var at = row * Width + column;
        if (_isNarrow)
            Widen(new((ushort*)_start + at, into.Length), into);
        else
            new ReadOnlySpan<float>((float*)_start + at, into.Length).CopyTo(into);
    }

    /// <summary>Overwrites the first elements of a row.</summary>
    public void Write(long row, ReadOnlySpan<float> values) => Write(row, 0, values);

    /// <summary>Overwrites elements of a row from a column on.</summary>
    public void Write(long row, int column, ReadOnlySpan<float> values)
    {
        var at = row * Width + column;
        if (_isNarrow)
            Narrow(values, new((ushort*)_start + at, values.Length));
        else
            values.CopyTo(new((float*)_start + at, values.Length));
    }

    /// <summary>bfloat16 to float32.</summary>
    public static void Widen(ReadOnlySpan<ushort> from, Span<float> into)
    {
        var at = 0;
        for (; at + Vector512<ushort>.Count <= from.Length; at += Vector512<ushort>.Count)
        {
            var (low, high) = Vector512.Widen(Vector512.Create(from[at..]));
            Vector512.ShiftLeft(low, 16).AsSingle().CopyTo(into[at..]);
            Vector512.ShiftLeft(high, 16).AsSingle().CopyTo(into[(at + Vector512<uint>.Count)..]);
        }
        for (; at < from.Length; at++)
            into[at] = BitConverter.UInt32BitsToSingle((uint)from[at] << 16);
    }

    /// <summary>float32 to bfloat16, to the nearest, ties to even.</summary>
    public static void Narrow(ReadOnlySpan<float> from, Span<ushort> into)
    {
        var at = 0;
        for (; at + Vector512<ushort>.Count <= from.Length; at += Vector512<ushort>.Count)
            Vector512.Narrow(Rounded(Vector512.Create(from[at..])), Rounded(Vector512.Create(from[(at + Vector512<float>.Count)..]))).CopyTo(into[at..]);
        for (; at < from.Length; at++)
        {
            var bits = BitConverter.SingleToUInt32Bits(from[at]);
            into[at] = (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
        }
    }

    private static Vector512<uint> Rounded(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var odd = Vector512.ShiftRightLogical(bits, 16) & Vector512<uint>.One;
        return Vector512.ShiftRightLogical(bits + Vector512.Create(0x7FFFu) + odd, 16);
    }
}

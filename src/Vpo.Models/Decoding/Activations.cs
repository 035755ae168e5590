using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Vpo.Models.Decoding;

/// <summary>Inputs of a product in the form that its kernel reads: rows of a padded width.</summary>
internal sealed unsafe class Activations(WeightType type) : IDisposable
{
    public const int Multiple = 32, LibraryRows = 8;

    private readonly PinnedBuffer<float> _floats = new(), _steps = new();
    private readonly PinnedBuffer<short> _shorts = new();
    private readonly PinnedBuffer<ushort> _halves = new();
    private Tensor? _tensor;
    private ushort* _tensorAt;

    /// <summary>Rows in use.</summary>
    public int Rows { get; private set; }

    /// <summary>Width of a row, a multiple of 32; beyond the numbers that were set there is 0.</summary>
    public int Width { get; private set; }

    /// <summary>bfloat16 [rows, width], at least eight rows, when libtorch is to multiply; else null.</summary>
    public Tensor? Library => _tensor;

    public float* Floats => _floats.At;

    public short* Shorts => _shorts.At;

    /// <summary>Size of a step of <see cref="Shorts"/>, a row each.</summary>
    public float* Steps => _steps.At;

    public static int Padded(long width) => checked((int)((width + Multiple - 1) / Multiple * Multiple));

    /// <summary>Makes room for rows; every row must then be set.</summary>
    public void Shape(int rows, int width, bool forLibrary)
    {
        (Rows, Width) = (rows, Padded(width));
        if (type == WeightType.Int8)
        {
            _shorts.Ensure((long)rows * Width);
            _steps.Ensure(rows);
        }
        else if (forLibrary)
            ShapeTensor();
        else
        {
            Forget();
            _floats.Ensure((long)rows * Width);
            if (type == WeightType.BFloat16)
                _halves.Ensure((long)rows * Width);
        }
    }

    /// <summary>Sets a row; different rows may be set from different threads.</summary>
    public void Set(int row, ReadOnlySpan<float> values)
    {
        var start = (nint)row * Width;
        if (type == WeightType.Int8)
            Steps[row] = Quantise(values, new(Shorts + start, Width));
        else if (_tensor is not null)
            Round(values, new(_tensorAt + start, Width));
        else if (type == WeightType.BFloat16)
        {
            Round(values, new(_halves.At + start, Width));
            for (var i = 0; i < Width; i += 2 * VectorLanes.Count)
            {
                var pairs = Vector512.Load((uint*)(_halves.At + start + i));
                VectorLanes.Evens(pairs).Store(Floats + start + i);
                VectorLanes.Odds(pairs).Store(Floats + start + i + VectorLanes.Count);
            }
        }
        else
            Pad(values, new(Floats + start, Width));
    }

    public void Dispose() => Forget();

    /// <summary>Rounds to bfloat16; the rest of the destination becomes 0.</summary>
    internal static void Round(ReadOnlySpan<float> values, Span<ushort> to)
    {
        var i = 0;
        for (; i + VectorLanes.Count <= values.Length; i += VectorLanes.Count)
        {
            fixed (ushort* at = &to[i])
                VectorLanes.Store(Vector512.Create(values[i..]), at);
        }
        for (; i < values.Length; i++)
            to[i] = (ushort)(VectorLanes.Rounded(Vector128.Create(values[i])).AsUInt32()[0] >> 16);
        to[values.Length..].Clear();
    }

    /// <summary>Whole steps of the largest number. What is not finite makes all of the row not a number.</summary>
    private static float Quantise(ReadOnlySpan<float> values, Span<short> to)
    {
        to.Clear();
        var largest = values.IsEmpty ? 0 : TensorPrimitives.MaxMagnitude(values);
        if (largest == 0)
            return 0;
        if (!float.IsFinite(largest = Math.Abs(largest)))
            return float.NaN;
        var most = Int8Kernel.MostSteps(to.Length);
        var inverse = most / largest;
        var i = 0;
        for (; i + 2 * VectorLanes.Count <= values.Length; i += 2 * VectorLanes.Count)
        {
            var (low, high) = (Vector512.Create(values[i..]) * inverse, Vector512.Create(values[(i + VectorLanes.Count)..]) * inverse);
            Vector512.Narrow(Vector512.ConvertToInt32(Vector512.Round(low)), Vector512.ConvertToInt32(Vector512.Round(high))).CopyTo(to[i..]);
        }
        for (; i < values.Length; i++)
            to[i] = (short)MathF.Round(values[i] * inverse);
        return largest / most;
    }

    private static void Pad(ReadOnlySpan<float> values, Span<float> to)
    {
        values.CopyTo(to);
        to[values.Length..].Clear();
    }

    private void ShapeTensor()
    {
        var rows = Math.Max(LibraryRows, Rows);   // libtorch takes another way for very small products, and sums in another order there
        if (_tensor is not null && _tensor.shape[0] == rows && _tensor.shape[1] == Width)
            return;
        Forget();
        _tensor = zeros([rows, Width], dtype: ScalarType.BFloat16).DetachFromDisposeScope();
        _tensorAt = (ushort*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_tensor.bytes));
    }

    private void Forget()
    {
        _tensor?.Dispose();
        _tensor = null;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vpo.Models.Decoding;

/// <summary>y = x Wᵀ with int8 weights, one scale a row, and inputs in 16-bit steps of their largest number: products and sums are whole numbers, hence exact.</summary>
internal static unsafe class Int8Kernel
{
    private const int Width = 32;

    /// <summary>The largest step of an input, so that no lane of a sum over this width can overflow.</summary>
    public static int MostSteps(int width) => (int)Math.Min(short.MaxValue, int.MaxValue / ((long)(width + VectorLanes.Count - 1) / VectorLanes.Count * sbyte.MaxValue));

    /// <param name="block">int8 weights with scales, float32 output.</param>
    /// <param name="x">Rows of the block's width, one after another, in steps.</param>
    /// <param name="steps">The size of a step, for each row of x.</param>
    /// <param name="rows">Of x.</param>
    public static void Multiply(in Block block, short* x, float* steps, int rows)
    {
        for (var first = 0; first < block.Rows; first += Block.Step)
        {
            var scales = Vector128.Create(block.Scales[first], ScaleAt(block, first + 1), ScaleAt(block, first + 2), ScaleAt(block, first + 3));
            var row = 0;
            if (rows >= 4)
                block.FetchAfter(first + Block.Step, sizeof(sbyte));
            for (; row + 4 <= rows; row += 4)
                Four(block, first, x + (nint)row * block.Width, scales, steps + row, block.Output + row * block.Stride + first);
            for (; row < rows; row++)
                One(block, first, x + (nint)row * block.Width, scales * steps[row], block.Output + row * block.Stride + first);
        }
    }

    private static float ScaleAt(in Block block, int row) => row < block.Rows ? block.Scales[row] : 0;

    /// <summary>Four rows of W, one after the other as they lie in memory, with one row of x.</summary>
    private static void One(in Block block, int first, short* x, Vector128<float> scales, float* y)
    {
        var w = (sbyte*)block.Weights;
        var sums = Sums(Dot(w + block.Row(first, 0), x, block.Width), Dot(w + block.Row(first, 1), x, block.Width), Dot(w + block.Row(first, 2), x, block.Width), Dot(w + block.Row(first, 3), x, block.Width));
        VectorLanes.StoreFirst(sums * scales, y, block.Rows - first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<int> Dot(sbyte* w, short* x, nint width)
    {
        Vector512<int> sum = default;
        for (nint i = 0; i < width; i += Width)
            sum += Pairs(Wide(w + i), Vector512.Load(x + i));
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(in Block block, int first, short* x, Vector128<float> scales, float* steps, float* y)
    {
        var w = (sbyte*)block.Weights;
        sbyte* w0 = w + block.Row(first, 0), w1 = w + block.Row(first, 1), w2 = w + block.Row(first, 2), w3 = w + block.Row(first, 3);
        short* x1 = x + block.Width, x2 = x1 + block.Width, x3 = x2 + block.Width;
        Vector512<int> a0 = default, b0 = default, c0 = default, d0 = default, a1 = default, b1 = default, c1 = default, d1 = default;
        Vector512<int> a2 = default, b2 = default, c2 = default, d2 = default, a3 = default, b3 = default, c3 = default, d3 = default;
        for (nint i = 0; i < block.Width; i += Width)
        {
            Vector512<short> a = Wide(w0 + i), b = Wide(w1 + i), c = Wide(w2 + i), d = Wide(w3 + i);
            var v = Vector512.Load(x + i);
            (a0, b0, c0, d0) = (a0 + Pairs(a, v), b0 + Pairs(b, v), c0 + Pairs(c, v), d0 + Pairs(d, v));
            v = Vector512.Load(x1 + i);
            (a1, b1, c1, d1) = (a1 + Pairs(a, v), b1 + Pairs(b, v), c1 + Pairs(c, v), d1 + Pairs(d, v));
            v = Vector512.Load(x2 + i);
            (a2, b2, c2, d2) = (a2 + Pairs(a, v), b2 + Pairs(b, v), c2 + Pairs(c, v), d2 + Pairs(d, v));
            v = Vector512.Load(x3 + i);
            (a3, b3, c3, d3) = (a3 + Pairs(a, v), b3 + Pairs(b, v), c3 + Pairs(c, v), d3 + Pairs(d, v));
        }
        var left = block.Rows - first;
        VectorLanes.StoreFirst(Sums(a0, b0, c0, d0) * (scales * steps[0]), y, left);
        VectorLanes.StoreFirst(Sums(a1, b1, c1, d1) * (scales * steps[1]), y + block.Stride, left);
        VectorLanes.StoreFirst(Sums(a2, b2, c2, d2) * (scales * steps[2]), y + 2 * block.Stride, left);
        VectorLanes.StoreFirst(Sums(a3, b3, c3, d3) * (scales * steps[3]), y + 3 * block.Stride, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Wide(sbyte* at)
    {
        var narrow = Vector256.Load(at);
        return Avx512BW.IsSupported ? Avx512BW.ConvertToVector512Int16(narrow) : Vector512.Create(Vector256.WidenLower(narrow), Vector256.WidenUpper(narrow));
    }

    /// <summary>Products of 32 numbers, two and two added. Which two does not matter: the sum of all is the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Pairs(Vector512<short> a, Vector512<short> b)
    {
        if (Avx512BW.IsSupported)
            return Avx512BW.MultiplyAddAdjacent(a, b);
        if (Avx2.IsSupported)
            return Vector512.Create(Avx2.MultiplyAddAdjacent(a.GetLower(), b.GetLower()), Avx2.MultiplyAddAdjacent(a.GetUpper(), b.GetUpper()));
        return Vector512.WidenLower(a) * Vector512.WidenLower(b) + Vector512.WidenUpper(a) * Vector512.WidenUpper(b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sums(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d) =>
        VectorLanes.Sums(Vector512.ConvertToSingle(a), Vector512.ConvertToSingle(b), Vector512.ConvertToSingle(c), Vector512.ConvertToSingle(d));
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static System.Runtime.Intrinsics.Vector512;

namespace Vpo.Models.Decoding;

/// <summary>y = x Wᵀ with bfloat16 weights and inputs, summed in float32, results rounded to bfloat16 as libtorch rounds them.</summary>
/// <remarks>In x each 32 numbers are 16 even ones and then 16 odd ones, already widened: so weights are split by a shift and a mask.</remarks>
internal static unsafe class BFloat16Kernel
{
    /// <param name="block">bfloat16 weights, float32 output.</param>
    /// <param name="x">Rows of the block's width, one after another, evens before odds.</param>
    /// <param name="rows">Of x.</param>
    public static void Multiply(in Block block, float* x, int rows)
    {
        for (var first = 0; first < block.Rows; first += Block.Group)
        {
            var (row, end) = (0, Math.Min(first + Block.Group, block.Rows));
            if (rows >= 4)
                block.FetchAfter(end, sizeof(ushort));
            for (; row + 4 <= rows; row += 4)
            {
                for (var pair = first; pair < end; pair += 2)
                    Four(block, pair, x + (nint)row * block.Width, block.Output + row * block.Stride + pair);
            }
            for (; row < rows; row++)
            {
                for (var four = first; four < end; four += Block.Step)
                    One(block, four, x + (nint)row * block.Width, block.Output + row * block.Stride + four);
            }
        }
    }

    /// <summary>Four rows of W, one after the other as they lie in memory, with one row of x.</summary>
    private static void One(in Block block, int first, float* x, float* y)
    {
        var w = (ushort*)block.Weights;
        var sums = VectorLanes.Sums(Dot(w + block.Row(first, 0), x, block.Width), Dot(w + block.Row(first, 1), x, block.Width), Dot(w + block.Row(first, 2), x, block.Width), Dot(w + block.Row(first, 3), x, block.Width));
        VectorLanes.StoreFirst(VectorLanes.Rounded(sums), y, block.Rows - first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Dot(ushort* w, float* x, nint width)
    {
        Vector512<float> a = default, b = default;
        for (nint i = 0; i < width; i += 2 * VectorLanes.Count)
        {
            var pairs = Load((uint*)(w + i));
            a = FusedMultiplyAdd(VectorLanes.Evens(pairs), Load(x + i), a);
            b = FusedMultiplyAdd(VectorLanes.Odds(pairs), Load(x + i + VectorLanes.Count), b);
        }
        return a + b;
    }

    /// <summary>Two rows of W with four rows of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(in Block block, int first, float* x, float* y)
    {
        nint width = block.Width;
        ushort* w = (ushort*)block.Weights + block.Row(first, 0), v = (ushort*)block.Weights + block.Row(first, 1);
        float* x1 = x + width, x2 = x1 + width, x3 = x2 + width;
        Vector512<float> wa0 = default, wa1 = default, wa2 = default, wa3 = default, wb0 = default, wb1 = default, wb2 = default, wb3 = default;
        Vector512<float> va0 = default, va1 = default, va2 = default, va3 = default, vb0 = default, vb1 = default, vb2 = default, vb3 = default;
        for (nint i = 0; i < width; i += 2 * VectorLanes.Count)
        {
            Vector512<uint> ps = Load((uint*)(w + i)), qs = Load((uint*)(v + i));
            Vector512<float> p = VectorLanes.Evens(ps), q = VectorLanes.Evens(qs), x0 = Load(x + i);
            (wa0, va0) = (FusedMultiplyAdd(p, x0, wa0), FusedMultiplyAdd(q, x0, va0));
            x0 = Load(x1 + i);
            (wa1, va1) = (FusedMultiplyAdd(p, x0, wa1), FusedMultiplyAdd(q, x0, va1));
            x0 = Load(x2 + i);
            (wa2, va2) = (FusedMultiplyAdd(p, x0, wa2), FusedMultiplyAdd(q, x0, va2));
            x0 = Load(x3 + i);
            (wa3, va3) = (FusedMultiplyAdd(p, x0, wa3), FusedMultiplyAdd(q, x0, va3));
            (p, q, x0) = (VectorLanes.Odds(ps), VectorLanes.Odds(qs), Load(x + i + VectorLanes.Count));
            (wb0, vb0) = (FusedMultiplyAdd(p, x0, wb0), FusedMultiplyAdd(q, x0, vb0));
            x0 = Load(x1 + i + VectorLanes.Count);
            (wb1, vb1) = (FusedMultiplyAdd(p, x0, wb1), FusedMultiplyAdd(q, x0, vb1));
            x0 = Load(x2 + i + VectorLanes.Count);
            (wb2, vb2) = (FusedMultiplyAdd(p, x0, wb2), FusedMultiplyAdd(q, x0, vb2));
            x0 = Load(x3 + i + VectorLanes.Count);
            (wb3, vb3) = (FusedMultiplyAdd(p, x0, wb3), FusedMultiplyAdd(q, x0, vb3));
        }
        var both = first + 1 < block.Rows;
        VectorLanes.StoreColumn(VectorLanes.Rounded(VectorLanes.Sums(wa0 + wb0, wa1 + wb1, wa2 + wb2, wa3 + wb3)), y, block.Stride);
        if (both)
            VectorLanes.StoreColumn(VectorLanes.Rounded(VectorLanes.Sums(va0 + vb0, va1 + vb1, va2 + vb2, va3 + vb3)), y + 1, block.Stride);
    }
}

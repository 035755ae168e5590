using System.Runtime.Intrinsics.X86;

namespace Vpo.Models.Decoding;

/// <summary>A part of y = x Wᵀ: some rows of W against all rows of x.</summary>
/// <param name="weights">The first row; rows follow each other without gap.</param>
/// <param name="scales">One factor for each row of int8 weights.</param>
/// <param name="size">How many rows of W, and the numbers in a row, a multiple of 32.</param>
/// <param name="output">Where the first row of W and the first row of x meet.</param>
/// <param name="stride">From one row of x to the next in the output.</param>
internal readonly unsafe struct Block(void* weights, float* scales, (int Rows, int Width) size, float* output, nint stride)
{
    /// <summary>Rows of W that one step of a kernel takes, and rows that stay in the processor's first cache while all of x passes by.</summary>
    public const int Step = 4, Group = 8;

    private const int CacheLine = 64;

    public readonly void* Weights = weights;
    public readonly float* Scales = scales, Output = output;
    public readonly nint Stride = stride;
    public readonly int Rows = size.Rows, Width = size.Width;

    /// <summary>Where the row of a step begins; the last one again where the step reaches beyond it.</summary>
    public nint Row(int first, int offset) => (nint)Math.Min(first + offset, Rows - 1) * Width;

    /// <summary>Asks for the next group, in the order of memory, so that it is near when its turn comes.</summary>
    public void FetchAfter(int row, int numberBytes)
    {
        if (!Sse.IsSupported)
            return;
        var from = (byte*)Weights + (nint)row * Width * numberBytes;
        var bytes = (nint)Math.Min(Group, Rows - row) * Width * numberBytes;
        for (nint i = 0; i < bytes; i += CacheLine)
            Sse.Prefetch1(from + i);
    }
}

using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Vpo.Training.Kernels;

/// <summary>Spreads the rows of a kernel over as many threads as libtorch uses on the calling one.</summary>
internal static class Workers
{
    /// <summary>For what runs over rows: compiled well at once. A few long calls a step would stay in the slow first code for many steps.</summary>
    public const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    private const long WorthAThread = 1 << 15;   // elements; below that, waking a thread costs more than it saves

    /// <summary>Calls body(part, from, to) for consecutive ranges of rows; part is below <see cref="Parts"/>.</summary>
    public static void Run(long rows, long width, Action<int, long, long> body)
    {
        var parts = Parts(rows, width);
        if (parts == 1)
            body(0, 0, rows);
        else
            Parallel.For(0, parts, part => body(part, rows * part / parts, rows * (part + 1) / parts));
    }

    /// <summary>How many ranges <see cref="Run"/> makes.</summary>
    public static int Parts(long rows, long width) => (int)Math.Max(1, Math.Min(Math.Min(get_num_threads(), rows), rows * width / WorthAThread));
}

using System.Diagnostics;

namespace Vpo.Benchmarks;

/// <summary>Times by repetition.</summary>
internal static class Stopwatches
{
    /// <summary>The shortest of several runs in seconds, after one that is not counted: what the code costs when nothing else runs.</summary>
    public static double Best(Action run, int repeats = 5)
    {
        run();
        var best = double.PositiveInfinity;
        for (var i = 0; i < repeats; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}

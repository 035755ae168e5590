using System.Diagnostics;

namespace Vpo.Benchmarks;

/// <summary>Times by repetition.</summary>
internal static class Stopwatches
{
    /// <summary>Seconds of one run by the clock, and by the processor: of all cores together.</summary>
    public static (double Clock, double Busy) Once(Action run)
    {
        var (start, busy) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        run();
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - busy).TotalSeconds);
    }

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

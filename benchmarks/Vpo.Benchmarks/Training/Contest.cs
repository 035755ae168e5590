using System.Diagnostics;
using Vpo.Training;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.Training;

/// <summary>A side of a comparison.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Type">Of its products.</param>
/// <param name="Operations">Floating-point operations that it does.</param>
/// <param name="Start">Makes it ready.</param>
internal sealed record Contestant(string Name, ScalarType Type, double Operations, Func<Workload> Start);

/// <summary>What one step cost: the best of several by the clock, and the best by the processor's time of all threads, which other programs disturb less.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Seconds">By the clock.</param>
/// <param name="Median">By the clock, the middle one.</param>
/// <param name="Busy">Of the processor, both cores added.</param>
/// <param name="Peak">Matrix products of this process in the same type, by the clock and by the processor's time: the most of measurements before, between and after.</param>
/// <param name="Operations">What the step computes.</param>
internal sealed record Timing(string Name, double Seconds, double Median, double Busy, (double Clock, double Busy) Peak, double Operations);

/// <summary>Several sides in one process, step by step in turns, so that what else the machine does falls on all of them.</summary>
internal static class Contest
{
    /// <param name="rounds">Steps of each that count; one more goes before.</param>
    /// <param name="sides">Who takes part; all are in memory at once.</param>
    public static Timing[] InTurns(int rounds, params Contestant[] sides)
    {
        var workloads = sides.Select(s => s.Start()).ToArray();
        var peaks = sides.Select(s => s.Type).Distinct().ToDictionary(t => t, _ => (Clock: 0.0, Busy: 0.0));
        var times = sides.Select(_ => new List<(double Clock, double Busy)>()).ToArray();
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var type in peaks.Keys)
                peaks[type] = Machine.MatmulPeaks(type) is var now ? (Math.Max(now.Clock, peaks[type].Clock), Math.Max(now.Busy, peaks[type].Busy)) : default;
            for (var side = 0; side < sides.Length; side++)
            {
                var time = Stopwatches.Once(workloads[side].Run);
                if (round > 0)
                    times[side].Add(time);
            }
        }
        Array.ForEach(workloads, w => w.Dispose());
        return [.. sides.Zip(times, (s, t) => new Timing(s.Name, t.Min(x => x.Clock), t.Select(x => x.Clock).Order().ElementAt(t.Count / 2), t.Min(x => x.Busy), peaks[s.Type], s.Operations))];
    }

    /// <summary>One training step after the other of ours.</summary>
    public static Contestant Ours(string shape, string name, ScalarType type, ScoringOptions options, bool adapter = false) =>
        new(name, type, TrainingShapes.NeededOperations(shape, adapter), () => Workloads.Ours(shape, type, options, adapter));

    /// <summary>The same of the usual stack.</summary>
    public static Contestant Usual(string shape, ScalarType type) =>
        new($"usual stack, {Workloads.NameOf(type)}", type, TrainingShapes.UsualOperations(shape), () => Workloads.Usual(shape, type));
}

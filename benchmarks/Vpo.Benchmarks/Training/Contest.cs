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

/// <summary>How long one step took.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Seconds">The fastest of its steps.</param>
/// <param name="Median">The middle one.</param>
/// <param name="Peak">Matrix products of this process in the same type, operations a second: the most of measurements before, between and after.</param>
/// <param name="OwnShare">What it computes, as a share of the peak.</param>
internal sealed record Timing(string Name, double Seconds, double Median, double Peak, double OwnShare);

/// <summary>Several sides in one process, step by step in turns, so that what else the machine does falls on all of them.</summary>
internal static class Contest
{
    /// <param name="rounds">Steps of each that count; one more goes before.</param>
    /// <param name="sides">Who takes part; all are in memory at once.</param>
    public static Timing[] InTurns(int rounds, params Contestant[] sides)
    {
        var workloads = sides.Select(s => s.Start()).ToArray();
        var peaks = sides.Select(s => s.Type).Distinct().ToDictionary(t => t, _ => 0.0);
        var times = sides.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var type in peaks.Keys)
                peaks[type] = Math.Max(peaks[type], Machine.MatmulPeak(type));
            for (var side = 0; side < sides.Length; side++)
            {
                var start = Stopwatch.GetTimestamp();
                workloads[side].Run();
                if (round > 0)
                    times[side].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
        Array.ForEach(workloads, w => w.Dispose());
        return [.. sides.Zip(times, (s, t) => new Timing(s.Name, t.Min(), t.Order().ElementAt(t.Count / 2), peaks[s.Type], s.Operations / t.Min() / peaks[s.Type]))];
    }

    /// <summary>One training step after the other of ours.</summary>
    public static Contestant Ours(string shape, string name, ScalarType type, ScoringOptions options, bool adapter = false) =>
        new(name, type, TrainingShapes.NeededOperations(shape, adapter), () => Workloads.Ours(shape, type, options, adapter));

    /// <summary>The same of the usual stack.</summary>
    public static Contestant Usual(string shape, ScalarType type) =>
        new($"usual stack, {Workloads.NameOf(type)}", type, TrainingShapes.UsualOperations(shape), () => Workloads.Usual(shape, type));
}

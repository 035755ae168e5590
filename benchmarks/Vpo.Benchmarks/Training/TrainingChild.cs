using System.Diagnostics;
using System.Globalization;
using Vpo.Benchmarks.UsualStack;
using Vpo.Models.Llama;
using Vpo.Training;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.Training;

/// <summary>One configuration, measured in a process of its own so that its peak of memory is its own.</summary>
/// <param name="Seconds">Of the fastest step.</param>
/// <param name="Peak">Matrix products of this process in this type, operations a second.</param>
/// <param name="PeakBytes">Most memory the process ever had.</param>
/// <param name="BaseBytes">Memory before the model.</param>
internal sealed record TrainingMeasurement(double Seconds, double Peak, long PeakBytes, long BaseBytes)
{
    private const string Mark = "measured";

    /// <summary>Runs in the child: <c>quick-child usual|ours float32|bfloat16 shape layout recompute steps</c>.</summary>
    public static int Child(string[] args)
    {
        var (type, steps) = (args[1] == "bfloat16" ? bfloat16 : float32, int.Parse(args[5], CultureInfo.InvariantCulture));
        var peak = Machine.MatmulPeak(type);
        var before = Memory("VmRSS");
        var run = Prepare(args, type);
        var times = new List<double>();
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        var peakAgain = Machine.MatmulPeak(type);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Mark} {times.Skip(1).Min():R} {Math.Max(peak, peakAgain):R} {Memory("VmHWM")} {before}"));
        return 0;
    }

    /// <summary>Starts a child and waits for what it says.</summary>
    public static TrainingMeasurement Of(string who, string type, string shape, RowLayout layout = RowLayout.Automatic, bool recompute = false, int steps = 3)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in (string[])["quick-child", who, type, shape, layout.ToString(), recompute.ToString(), steps.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var line = output.Split('\n').LastOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal)) ?? throw new InvalidOperationException($"{who} {type} {shape} ended without a result: {output}");
        var parts = line.Split(' ');
        double Number(int i) => double.Parse(parts[i], CultureInfo.InvariantCulture);
        return new(Number(1), Number(2), (long)Number(3), (long)Number(4));
    }

    private static Action Prepare(string[] args, ScalarType type)
    {
        var (shape, options) = (args[2], new ScoringOptions { Layout = Enum.Parse<RowLayout>(args[3]), Recompute = bool.Parse(args[4]) });
        if (args[0] == "usual")
        {
            using var model = LlamaModel.Initialize(LlamaDecoding.SmolLm2, seed: 1);
            var plain = new PlainTraining(model, type);
            return shape == "sft" ? () => plain.Step(TrainingShapes.Sft()) : () => plain.Step(PairsOf(shape));
        }
        var ours = new TrainingSteps(LlamaDecoding.SmolLm2, type, options);
        return shape == "sft" ? () => ours.Step(TrainingShapes.Sft()) : () => ours.Step(PairsOf(shape));
    }

    /// <summary>The pairs of a named shape.</summary>
    public static List<PreferenceExample> PairsOf(string shape) => shape switch
    {
        "vpo" => TrainingShapes.Vpo(),
        "long" => TrainingShapes.LongPrompts(),
        "mixed" => TrainingShapes.MixedLengths(),
        _ => throw new ArgumentException($"unknown shape '{shape}': vpo, long, mixed or sft."),
    };

    // Linux: in kB, in /proc/self/status.
    private static long Memory(string name) => File.ReadLines("/proc/self/status").Where(l => l.StartsWith(name + ":", StringComparison.Ordinal))
        .Select(l => long.Parse(l[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024).Single();
}

using System.Diagnostics;
using System.Globalization;

namespace Vpo.Benchmarks.Training;

/// <summary>The most memory of a workload, in a process of its own.</summary>
/// <param name="Peak">Most bytes that the process ever had.</param>
/// <param name="Rise">Most bytes during the runs beyond what it had before them.</param>
internal sealed record ChildMemory(double Peak, double Rise)
{
    private const string Mark = "measured";

    /// <summary>Runs in the child: <c>quick-child runs workload...</c>.</summary>
    public static int Run(string[] args)
    {
        using var workload = Workloads.Of(args[1..]);
        var preparing = Machine.Peak();
        var before = Machine.ResetPeak();
        for (var i = 0; i < int.Parse(args[0], CultureInfo.InvariantCulture); i++)
            workload.Run();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Mark} {Math.Max(preparing, Machine.Peak()):R} {Machine.Peak() - before:R}"));
        return 0;
    }

    /// <summary>Starts a child and waits for what it says.</summary>
    public static ChildMemory Of(int runs, params string[] workload)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        string[] program = Path.GetFileNameWithoutExtension(start.FileName) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        foreach (var argument in (string[])[.. program, "quick-child", runs.ToString(CultureInfo.InvariantCulture), .. workload])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var line = output.Split('\n').LastOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal)) ?? throw new InvalidOperationException($"{string.Join(' ', workload)} ended without a result: {output}");
        var numbers = line.Split(' ')[1..].Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return new(numbers[0], numbers[1]);
    }
}

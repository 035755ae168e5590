using System.Diagnostics;
using Vpo.Storage;

namespace Vpo.Cli;

/// <summary>Progress on the error stream: one line that is written over on a terminal, else a line now and then.</summary>
internal sealed class ConsoleProgress : IProgress<StageProgress>
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(200), InLog = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly bool _overwrites = !Console.IsErrorRedirected;
    private long _last;
    private string? _stage;
    private int _width;

    public void Report(StageProgress value)
    {
        lock (_lock)
        {
            var isNew = value.Stage != _stage;
            var isDue = Stopwatch.GetElapsedTime(_last) >= (_overwrites ? OnTerminal : InLog);
            if (!isNew && !isDue && !IsEnd(value))
                return;
            if (isNew)
                EndLine();
            if (!isNew && !_overwrites && !isDue)
                return;   // a log needs no line for the end of a short stage
            (_last, _stage) = (Stopwatch.GetTimestamp(), value.Stage);
            Write(Describe(value));
        }
    }

    /// <summary>Leaves the last line as it is.</summary>
    public void EndLine()
    {
        if (_overwrites && _width > 0)
            Console.Error.WriteLine();
        _width = 0;
    }

    private static bool IsEnd(StageProgress p) => p.Done >= p.Total;

    private static string Describe(StageProgress p)
    {
        var left = p.TimeLeft is { } time && !IsEnd(p) ? $", {(time.TotalMinutes >= 1 ? $"{time.TotalMinutes:0.0} min" : $"{time.TotalSeconds:0} s")} left" : "";
        var loss = p.Point is { } point ? FormattableString.Invariant($", loss {point.Loss:0.000}") : "";
        return $"{p.Stage}: {p.Done}{(p.Total is { } total ? $"/{total}" : "")}{loss}{left}";
    }

    private void Write(string line)
    {
        if (!_overwrites)
        {
            Console.Error.WriteLine(line);
            return;
        }
        Console.Error.Write("\r" + line.PadRight(_width));
        _width = line.Length;
    }
}

using System.Globalization;
using Vpo.Models.Checkpoints;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>
/// The files of one training run: run.txt (what determines it), metrics.jsonl (a line a step), checkpoint-NNNNNN.safetensors (weights,
/// optimizer and step in one file, so that it is whole or absent) and what else the trainer keeps.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const string Prefix = "checkpoint-", Extension = ".safetensors", StepKey = "step", TokensKey = "tokens";
    private StreamWriter? _metrics;
    private TensorBoardFile? _board;
    private WriteLock? _alone;

    private RunFolder(string path, bool writes) => (Location, Writes) = (path, writes);

    public string Location { get; }

    /// <summary>The newest checkpoint; null when there is none.</summary>
    public string? Newest => Checkpoints().FirstOrDefault();

    private string MetricsPath => Path.Combine(Location, "metrics.jsonl");

    /// <summary>Opens a new run, or one with the same fingerprint to go on.</summary>
    /// <exception cref="RunMismatchException">The folder holds a run of other data, options or start.</exception>
    /// <exception cref="IOException">Another process trains in this folder.</exception>
    /// <param name="path">The folder; is made if it does not exist.</param>
    /// <param name="fingerprint">What determines the run.</param>
    /// <param name="writes">False for the processes of a group that only read.</param>
    public static RunFolder Open(string path, string fingerprint, bool writes = true)
    {
        var folder = new RunFolder(Path.GetFullPath(path), writes);
        var mark = Path.Combine(folder.Location, "run.txt");
        if (File.Exists(mark) && File.ReadAllText(mark) is var found && found != fingerprint)
            throw new RunMismatchException($"'{path}' holds another run: {Difference(found, fingerprint)} Choose another folder, or delete this one to start again.");
        if (!writes)
            return folder;
        folder._alone = WriteLock.Take(mark);
        if (!File.Exists(mark))
            AtomicFile.WriteText(mark, fingerprint);
        return folder;
    }

    /// <summary>Reads the newest checkpoint into the given tensors.</summary>
    /// <returns>Optimizer steps done and tokens seen; zeros without a checkpoint.</returns>
    public (int Step, long Tokens) Restore(IEnumerable<KeyValuePair<string, Tensor>> state)
    {
        if (Newest is not { } path)
            return (0, 0);
        using var file = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, tensor) in state)
            tensor.copy_(file.Read(name));
        return (int.Parse(file.Metadata[StepKey], CultureInfo.InvariantCulture), long.Parse(file.Metadata[TokensKey], CultureInfo.InvariantCulture));
    }

    /// <summary>Writes a checkpoint and deletes those beyond the number to keep.</summary>
    public void Save((int Step, long Tokens) at, IEnumerable<KeyValuePair<string, Tensor>> state, int keep)
    {
        if (!Writes)
            return;
        var path = Path.Combine(Location, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{at.Step:D6}{Extension}"));
        SafetensorsWriter.Write(path, state, new Dictionary<string, string>
        {
            [StepKey] = at.Step.ToString(CultureInfo.InvariantCulture),
            [TokensKey] = at.Tokens.ToString(CultureInfo.InvariantCulture),
        });
        foreach (var old in Checkpoints().Skip(keep))
            File.Delete(old);
    }

    /// <summary>Steps already logged, up to the one given; what a killed process logged after its last checkpoint is dropped.</summary>
    public IReadOnlyList<TrainingPoint> KeepMetrics(int step, TimeProvider clock)
    {
        var kept = File.Exists(MetricsPath)
            ? File.ReadLines(MetricsPath).Select(TrainingPoint.Parse).OfType<TrainingPoint>().Where(p => p.Step <= step).ToList()
            : [];
        if (!Writes)
            return kept;
        AtomicFile.WriteText(MetricsPath, string.Concat(kept.Select(p => p.ToJson() + "\n")));
        _metrics = new StreamWriter(MetricsPath, append: true) { AutoFlush = true };
        _board = new(Location, clock);
        kept.ForEach(Show);
        return kept;
    }

    /// <summary>Adds a line to metrics.jsonl.</summary>
    public void Log(TrainingPoint point)
    {
        _metrics?.Write(point.ToJson() + "\n");
        Show(point);
    }

    /// <summary>Draws the curves into the folder "plots".</summary>
    public void Plot(IReadOnlyList<TrainingPoint> points)
    {
        if (Writes)
            RunPlots.Write(Location, points);
    }

    /// <summary>Whether this process writes the run's files.</summary>
    public bool Writes { get; }

    public void Dispose()
    {
        _metrics?.Dispose();
        _board?.Dispose();
        _alone?.Dispose();
    }

    private void Show(TrainingPoint point) => _board?.Add(point.Step, point.Values);

    private IEnumerable<string> Checkpoints() => Directory.EnumerateFiles(Location, Prefix + "*" + Extension).OrderDescending(StringComparer.Ordinal);

    private static string Difference(string found, string wanted)
    {
        var (old, now) = (found.Split('\n'), wanted.Split('\n'));
        var at = Enumerable.Range(0, Math.Min(old.Length, now.Length)).FirstOrDefault(i => old[i] != now[i]);
        return $"it has '{old[at]}' where '{now[at]}' is asked for.";
    }
}

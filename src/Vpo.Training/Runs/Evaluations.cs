using System.Globalization;
using Vpo.Models.Checkpoints;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>The evaluations of a run: when they are due, their log, the best parameters, and whether training is over.</summary>
internal sealed class Evaluations
{
    private const string Prefix = "best-", Extension = ".safetensors";

    private readonly EvaluationOptions? _options;
    private readonly TrainingSession _session;
    private readonly TrainingRun _run;
    private readonly Func<TrainingPoint> _measure;
    private readonly List<TrainingPoint> _points = [];

    /// <param name="options">Null: there are none.</param>
    /// <param name="session">The training that is looked at.</param>
    /// <param name="run">Where it writes.</param>
    /// <param name="measure">Measures the model as it is now on what was held out; null when nothing was.</param>
    public Evaluations(EvaluationOptions? options, TrainingSession session, TrainingRun run, Func<TrainingPoint>? measure)
    {
        if (options is not null && measure is null)
            throw new ArgumentException("Evaluation during training needs held-out examples.", nameof(measure));
        if (options is { RestoreBest: true } && run.Folder is null)
            throw new ArgumentException($"{nameof(EvaluationOptions.RestoreBest)} needs a run with a folder.", nameof(run));
        options?.Validate();
        (_options, _session, _run, _measure) = (options, session, run, measure ?? (() => throw new InvalidOperationException()));
        if (options is null || run.Folder is null)
            return;
        _points = File.Exists(LogPath) ? [.. File.ReadLines(LogPath).Select(TrainingPoint.Parse).OfType<TrainingPoint>().Where(p => p.Step <= session.Step)] : [];
        if (Writes)
            AtomicFile.WriteText(LogPath, string.Concat(_points.Select(p => p.ToJson() + "\n")));
    }

    /// <summary>One an evaluation, those of an earlier process included.</summary>
    public IReadOnlyList<TrainingPoint> Points => _points;

    /// <summary>Whether training should end before its last step.</summary>
    public bool IsOver => _options?.IsOver(_points.Select(p => p.Loss)) == true;

    private bool Writes => _run.Group is null or { Rank: 0 };

    private string LogPath => Path.Combine(_run.Folder!, "evaluations.jsonl");

    /// <summary>Evaluates if it is due. Call after each step, and once before the first: a process may have been killed in between.</summary>
    public void AfterStep()
    {
        if (_options is null || _session.Step == 0 || _points.Any(p => p.Step == _session.Step) || (_session.Step % _options.Every != 0 && _session.Step != _session.TotalSteps))
            return;
        var point = _measure() with { Step = _session.Step };
        if (_run.Folder is not null && Writes)
        {
            KeepBest(point);
            File.AppendAllText(LogPath, point.ToJson() + "\n");
        }
        _points.Add(point);
        if (Writes)
            _run.AtEvaluation?.Invoke(point);
    }

    /// <summary>Brings the best parameters back, if that is wanted.</summary>
    /// <returns>Their step; null when the model is as the last step left it.</returns>
    public int? Restore()
    {
        if (_options is not { RestoreBest: true } || _points.MinBy(p => p.Loss) is not { } best || best.Step == _session.Step)
            return null;
        _session.LoadParameters(PathOf(best.Step));
        return best.Step;
    }

    private void KeepBest(TrainingPoint point)
    {
        var best = _points.Append(point).OrderBy(p => p.Loss).ThenBy(p => p.Step).Take(_options!.KeepBest).Select(p => PathOf(p.Step)).ToHashSet();
        if (best.Contains(PathOf(point.Step)))
            _session.SaveParameters(PathOf(point.Step), point.Loss);
        foreach (var old in Directory.EnumerateFiles(Path.GetFullPath(_run.Folder!), Prefix + "*" + Extension).Where(f => !best.Contains(f)).ToList())
            File.Delete(old);
    }

    private string PathOf(int step) => Path.Combine(Path.GetFullPath(_run.Folder!), string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D6}{Extension}"));
}

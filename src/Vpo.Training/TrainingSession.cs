using System.Globalization;
using Vpo.Models.Checkpoints;
using Vpo.Training.Groups;
using Vpo.Training.Optimizers;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>
/// The one step that all training shares, and the state it carries: after the micro-batches have given their gradients it clips, guards,
/// updates, logs, saves and reports. Trainers are loops around it.
/// </summary>
internal sealed class TrainingSession : IDisposable
{
    // Drawing takes a tenth of a second; where a step takes less, it would be most of the work.
    private static readonly TimeSpan BetweenPlots = TimeSpan.FromSeconds(10);

    private readonly TrainingOptions _options;
    private readonly RunFolder? _folder;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly TrainedParameters _parameters;
    private readonly IOptimizer _optimizer;
    private readonly BackwardUpdates? _updates;
    private readonly TimeProvider _clock;
    private readonly IWorkGroup? _group;
    private readonly List<TrainingPoint> _points;
    private readonly KeyValuePair<string, Tensor>[] _alsoSaved;
    private readonly long _started;
    private readonly int _firstStep;
    private long _stepStarted, _tokens;
    private (int Points, long At)? _plotted;
    private double _norm;   // of the gradient, where it was known before the step's end

    public TrainingSession(IEnumerable<(string Name, TorchSharp.Modules.Parameter Value)> parameters, TrainingOptions options, int totalSteps, TrainingRun run, RunFolder? folder, IEnumerable<KeyValuePair<string, Tensor>>? alsoSaved = null)
    {
        (_options, TotalSteps, _folder, _progress, _clock, _group) = (options, totalSteps, folder, run.Progress, run.Clock, run.Group);
        var inBackward = options.Optimizer is InBackwardOptions;
        if (inBackward && run.Group is { Size: > 1 })
            throw new ArgumentException($"{nameof(InBackwardOptions)} frees gradients before the processes of a group can add theirs: train in one process, or take its optimizer as it is.", nameof(run));
        _parameters = new(parameters, keepGradients: !inBackward);
        _alsoSaved = [.. alsoSaved ?? []];
        _optimizer = options.Optimizer.Create(_parameters);
        _updates = inBackward ? new(_parameters, _optimizer) : null;
        if (folder is not null)
        {
            (Step, _tokens) = folder.Restore(State);
            _parameters.Publish();
        }
        _points = [.. folder?.KeepMetrics(Step, run.Clock) ?? []];
        Updates = _points.Count(p => p.LearningRate > 0);
        (_firstStep, _started, _stepStarted) = (Step, _clock.GetTimestamp(), _clock.GetTimestamp());
    }

    /// <summary>Optimizer steps done.</summary>
    public int Step { get; private set; }

    /// <summary>Optimizer steps in all.</summary>
    public int TotalSteps { get; }

    /// <summary>Every step so far, those of an earlier process included.</summary>
    public IReadOnlyList<TrainingPoint> Points => _points;

    /// <summary>Steps done with a rate above 0.</summary>
    public int Updates { get; private set; }

    /// <summary>Who must hear which gradients are whole; null: nobody.</summary>
    public Action<IEnumerable<TorchSharp.Modules.Parameter>>? Completed => _updates is null ? null : _updates.Complete;

    /// <summary>Where the last good state is; null when it was not saved.</summary>
    public string? LastCheckpoint => _folder?.Newest;

    private IEnumerable<KeyValuePair<string, Tensor>> Parameters => _parameters.Names.Select((name, i) => KeyValuePair.Create("parameter." + name, _parameters.Masters[i]));

    private IEnumerable<KeyValuePair<string, Tensor>> State =>
    [
        .. Parameters,
        .. _alsoSaved,
        .. _optimizer.State.Select(s => KeyValuePair.Create("optimizer." + s.Key, s.Value)),
    ];

    /// <summary>Takes the gradient of one micro-batch's loss, already divided by what makes the step's loss a mean.</summary>
    /// <returns>The loss.</returns>
    public double Accumulate(SequenceLogProbs scores, Tensor loss) => Accumulate(loss, () => scores.Backward(loss));

    /// <summary>The same with another way back from the loss to the parameters.</summary>
    public double Accumulate(Tensor loss, Action backward)
    {
        var value = loss.item<float>();
        if (!float.IsFinite(value))
            throw Stopped($"The loss was {value} in step {Step + 1}. Lower the learning rate, or look at the data of that step.");
        if (_updates is null)
        {
            backward();
            _parameters.Collect();
        }
        else
        {
            Update(_updates, backward);
        }
        return value;
    }

    /// <summary>Ends a step.</summary>
    /// <param name="loss">The step's loss.</param>
    /// <param name="tokens">Tokens seen in the step.</param>
    /// <param name="window">What its micro-batches measured.</param>
    public TrainingPoint Finish(double loss, long tokens, MetricsWindow window)
    {
        var rate = _options.Schedule.RateAt(Step, TotalSteps);
        if (_group is not null)
            (loss, tokens) = Together(loss, tokens);
        var norm = _updates is null ? _parameters.Clip(_options.MaxGradientNorm) : _norm;
        if (!double.IsFinite(norm))
            throw Stopped($"The gradient was not finite in step {Step + 1} (loss {loss:g6}). Lower the learning rate, or look at the data of that step.");
        if (_updates is null)
        {
            _optimizer.Step(rate);
            _parameters.ZeroGradients();
        }
        Step++;
        Updates += rate > 0 ? 1 : 0;
        _tokens += tokens;
        var point = window.Fill(Measured(loss, norm, rate, tokens), _group);
        _points.Add(point);
        _folder?.Log(point);
        if (_options.CheckpointEvery > 0 && (Step % _options.CheckpointEvery == 0 || Step == TotalSteps))
            _folder?.Save((Step, _tokens), State, _options.KeepCheckpoints);
        if (Step == TotalSteps || (_options.CheckpointEvery > 0 && Step % _options.CheckpointEvery == 0 && (_plotted is not { } plotted || _clock.GetElapsedTime(plotted.At) >= BetweenPlots)))
            Plot();
        var perStep = _clock.GetElapsedTime(_started) / (Step - _firstStep);
        _progress?.Report(new(point, TotalSteps, perStep * (TotalSteps - Step)));
        return point;
    }

    /// <summary>Draws the curves, where there are new points.</summary>
    public void Plot()
    {
        if (_folder is null || _points.Count == 0 || _plotted?.Points == _points.Count)
            return;
        _folder.Plot(_points);
        _plotted = (_points.Count, _clock.GetTimestamp());
    }

    /// <summary>Writes the parameters alone.</summary>
    public void SaveParameters(string path, double loss) => SafetensorsWriter.Write(path, Parameters, new Dictionary<string, string>
    {
        ["step"] = Step.ToString(CultureInfo.InvariantCulture),
        ["loss"] = loss.ToString("R", CultureInfo.InvariantCulture),
    });

    /// <summary>Brings parameters back; the optimizer stays as it is.</summary>
    public void LoadParameters(string path)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var file = SafetensorsFile.Open(path);
        foreach (var (name, master) in Parameters)
            master.copy_(file.Read(name));
        _parameters.Publish();
    }

    /// <summary>What a guard throws.</summary>
    public TrainingStoppedException Stopped(string reason)
    {
        if (_group is { Size: > 1 })
            _group.Abort(reason);   // the others wait for this process's gradients
        return new(reason, LastCheckpoint);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _parameters.Dispose();
    }

    private void Update(BackwardUpdates updates, Action backward)
    {
        updates.Begin(_options.Schedule.RateAt(Step, TotalSteps));
        try
        {
            backward();
            _norm = updates.End();
        }
        catch (NotFiniteNumberException e)
        {
            throw Stopped($"In step {Step + 1} {e.Message} Parameters whose gradients came before have been changed. Lower the learning rate, or look at the data of that step.");
        }
    }

    private (double Loss, long Tokens) Together(double loss, long tokens)
    {
        using var scope = NewDisposeScope();
        using var numbers = tensor(new[] { (float)loss, tokens });
        _group!.Sum(numbers);
        foreach (var gradient in _parameters.Gradients)
            _group.Sum(gradient);
        var values = numbers.data<float>().ToArray();
        return (values[0], (long)values[1]);
    }

    private TrainingPoint Measured(double loss, double norm, double rate, long tokens)
    {
        var seconds = _clock.GetElapsedTime(_stepStarted).TotalSeconds;
        _stepStarted = _clock.GetTimestamp();
        return new()
        {
            Step = Step,
            LearningRate = rate,
            Loss = loss,
            GradientNorm = norm,
            Entropy = 0,
            TokenAccuracy = 0,
            Tokens = _tokens,
            TokensPerSecond = seconds > 0 ? tokens / seconds : 0,
        };
    }
}

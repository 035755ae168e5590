using Vpo.Models.Tensors;
using Vpo.Training;
using Vpo.Training.Optimizers;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Vpo.MiniWorld;

/// <summary>The steps that both models of a generator share: gradients from two halves of a batch side by side, clipped, one AdamW update; saved now and then.</summary>
/// <remarks>
/// Two lanes, always: a sum of two does not depend on which comes first, so the result is the same to the last bit on one core or many.
/// Every step draws from a seed of its own, so that a run that goes on needs no state of random numbers.
/// </remarks>
internal sealed class GeneratorStage : IDisposable
{
    /// <summary>Parts of a batch computed side by side.</summary>
    public const int Lanes = 2;

    private const int SaveEvery = 200;

    private readonly GeneratorRun _run;
    private readonly string _name;
    private readonly TrainedParameters _parameters;
    private readonly AdamW _optimizer;
    private readonly (int[] Members, double Share)[] _rates;
    private readonly MovingAverage? _average;
    private readonly Lanes _lanes = new(Lanes);

    /// <param name="run">Log, states and progress of the whole training.</param>
    /// <param name="name">Of the stage.</param>
    /// <param name="named">What is trained, in place.</param>
    /// <param name="weightDecay">Of AdamW.</param>
    /// <param name="averaging">Decay of the moving average that is kept in the end; null keeps the last step.</param>
    /// <param name="rateShare">What part of the learning rate a parameter gets, by name; null: all of it.</param>
    public GeneratorStage(GeneratorRun run, string name, IEnumerable<(string, Parameter)> named, double weightDecay = 0, double? averaging = null, Func<string, double>? rateShare = null)
    {
        (_run, _name) = (run, name);
        _parameters = new(named);
        _optimizer = new(_parameters, new() { Beta2 = 0.99, WeightDecay = weightDecay });
        _rates = [.. Enumerable.Range(0, _parameters.Names.Count).GroupBy(i => rateShare?.Invoke(_parameters.Names[i]) ?? 1).Select(group => (group.ToArray(), group.Key))];
        _average = averaging is { } decay ? new(_parameters.Masters, decay) : null;
    }

    private IEnumerable<KeyValuePair<string, Tensor>> State =>
    [
        .. _parameters.Names.Select((name, i) => KeyValuePair.Create("parameter." + name, _parameters.Masters[i])),
        .. _optimizer.State.Select(s => KeyValuePair.Create("optimizer." + s.Key, s.Value)),
        .. _parameters.Names.Zip(_average?.Values ?? [], (name, value) => KeyValuePair.Create("average." + name, value)),
    ];

    /// <summary>Does the steps that are left.</summary>
    /// <param name="total">Steps in all.</param>
    /// <param name="peak">The highest learning rate.</param>
    /// <param name="prepare">Given a step, draws its batch and returns what gives the mean loss of one lane's half. Both run in dispose scopes.</param>
    public void Train(int total, double peak, Func<int, Func<int, Tensor>> prepare)
    {
        var first = _run.States.Restore(_name, State);
        var report = _run.Report(_name, (first, total));
        for (var step = first; step < total; step++)
        {
            StopIfAsked(step, step > first);
            var loss = Gradients(prepare, step);
            if (!double.IsFinite(loss))
                throw new TrainingStoppedException($"The loss of the {_name} was {loss} in step {step + 1}. Delete the folder and lower the rate.", checkpoint: null);
            _parameters.Collect();
            _parameters.Clip(1);
            Update(WarmupDecay.At(step, total, peak));
            _parameters.ZeroGradients();
            _average?.Update(step);
            _run.Log.Step(_name, step + 1, total, loss);
            if ((step + 1) % SaveEvery == 0 || step + 1 == total)
                _run.States.Save(_name, step + 1, State);
            report.Step(step + 1, loss);
        }
        _average?.Publish();
    }

    public void Dispose()
    {
        _lanes.Dispose();
        _average?.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
    }

    private void Update(double rate)
    {
        _optimizer.Begin();
        foreach (var (members, share) in _rates)
            _optimizer.Update(members, rate * share);
        _parameters.Publish();
    }

    /// <summary>A stop that was asked for, unlike a kill, loses nothing.</summary>
    private void StopIfAsked(int step, bool isNew)
    {
        if (_run.CancellationToken.IsCancellationRequested && isNew)
            _run.States.Save(_name, step, State);
        _run.CancellationToken.ThrowIfCancellationRequested();
    }

    private double Gradients(Func<int, Func<int, Tensor>> prepare, int step)
    {
        using var scope = NewDisposeScope();
        var lossOf = prepare(step);
        var losses = new double[Lanes];
        _lanes.Run(Lanes, lane =>
        {
            using var own = NewDisposeScope();
            var loss = lossOf(lane).Times(1.0 / Lanes);
            loss.backward();
            losses[lane] = loss.item<float>();
        });
        return losses.Sum();
    }
}

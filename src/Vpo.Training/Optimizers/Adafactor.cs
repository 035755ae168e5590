using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>The numbers of Adafactor; the defaults are those of transformers.</summary>
public sealed record AdafactorOptions : OptimizerOptions
{
    /// <summary>Added to squared gradients.</summary>
    public double Epsilon { get; init; } = 1e-30;

    /// <summary>The least root mean square by which a parameter scales its rate.</summary>
    public double LeastScale { get; init; } = 1e-3;

    /// <summary>Updates whose root mean square is greater are scaled down to it.</summary>
    public double ClipThreshold { get; init; } = 1;

    /// <summary>β2 of step t is 1 − t to this power.</summary>
    public double DecayRate { get; init; } = -0.8;

    /// <summary>Decay of a first moment; null keeps none.</summary>
    public double? Beta1 { get; init; }

    /// <summary>Decoupled weight decay, for the parameters that <see cref="TrainedParameters.Decays"/> names.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether the rate is multiplied by the parameter's root mean square.</summary>
    public bool ScaleParameter { get; init; } = true;

    /// <summary>Whether the rate is min(1e-2, 1/√t) and the schedule's is not heeded.</summary>
    public bool RelativeStep { get; init; } = true;

    /// <summary>With <see cref="RelativeStep"/>: 1e-6·t in place of 1e-2.</summary>
    public bool WarmupInit { get; init; }

    internal override IOptimizer Create(TrainedParameters parameters) => new Adafactor(parameters, this);
}

/// <summary>Adafactor (Shazeer and Stern, arXiv 1804.04235): of a matrix's second moment only means of rows and columns are kept.</summary>
public sealed class Adafactor : CountingOptimizer
{
    private readonly AdafactorOptions _options;
    private readonly Func<string, double> _decayOf;
    private readonly Slot[] _slots;

    /// <summary>Starts with moments of 0.</summary>
    /// <param name="parameters">What to change; not owned.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="decayOf">Weight decay of a parameter by name; null follows the options.</param>
    public Adafactor(TrainedParameters parameters, AdafactorOptions? options = null, Func<string, double>? decayOf = null) : base(parameters)
    {
        _options = options ?? new();
        _decayOf = decayOf ?? (name => TrainedParameters.Decays(name) ? _options.WeightDecay : 0);
        _slots = [.. parameters.Masters.Select(p => Slot.Of(p, _options.Beta1 is not null))];
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, Tensor>> State =>
        [new("step", StepCount), .. _slots.SelectMany((slot, i) => slot.Tensors.Select(t => KeyValuePair.Create($"{Parameters.Names[i]}.{t.Key}", t.Value)))];

    /// <inheritdoc/>
    public override void Update(IReadOnlyList<int> members, double rate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var step = StepCount.item<float>();
        var relative = _options.RelativeStep ? Math.Min(_options.WarmupInit ? 1e-6 * step : 1e-2, 1 / Math.Sqrt(step)) : rate;
        foreach (var i in members)
            Update(i, relative, 1 - Math.Pow(step, _options.DecayRate));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var tensor in _slots.SelectMany(s => s.Tensors.Select(t => t.Value)).Append(StepCount))
            tensor.Dispose();
    }

    private void Update(int i, double relative, double beta2)
    {
        using var scope = NewDisposeScope();
        var (value, gradient, slot) = (Parameters.Masters[i], Parameters.Gradients[i], _slots[i]);
        slot.Rms.copy_(RootMeanSquare(value));
        var rate = relative * (_options.ScaleParameter ? Math.Max(_options.LeastScale, slot.Rms.item<float>()) : 1);
        var update = Scaled(gradient, slot, beta2);
        update.TimesInPlace(rate / Math.Max(1, RootMeanSquare(update).item<float>() / _options.ClipThreshold));
        if (_options.Beta1 is { } beta1)
            update = slot.First!.TimesInPlace(beta1).PlusInPlace(update, 1 - beta1);
        value.TimesInPlace(1 - _decayOf(Parameters.Names[i]) * rate).PlusInPlace(update, -1);
    }

    private Tensor Scaled(Tensor gradient, Slot slot, double beta2)
    {
        var square = gradient.Squared().Plus(_options.Epsilon);
        if (slot.Columns is null)
            return slot.Second.TimesInPlace(beta2).PlusInPlace(square, 1 - beta2).rsqrt().mul(gradient);
        slot.Second.TimesInPlace(beta2).PlusInPlace(square.mean([-1]), 1 - beta2);
        slot.Columns.TimesInPlace(beta2).PlusInPlace(square.mean([-2]), 1 - beta2);
        var rows = slot.Second.div(slot.Second.mean([-1], keepdim: true)).rsqrt().unsqueeze(-1);
        return rows.mul(slot.Columns.unsqueeze(-2).rsqrt()).mul(gradient);
    }

    private static Tensor RootMeanSquare(Tensor x) => x.Squared().mean().sqrt();

    /// <summary>State of one parameter.</summary>
    /// <param name="Rms">Root mean square of the parameter before the latest step.</param>
    /// <param name="Second">Second moment: row means of a matrix, everything of a vector.</param>
    /// <param name="Columns">Column means of a matrix; null for a vector.</param>
    /// <param name="First">First moment; null where none is kept.</param>
    private sealed record Slot(Tensor Rms, Tensor Second, Tensor? Columns, Tensor? First)
    {
        public IEnumerable<KeyValuePair<string, Tensor>> Tensors =>
            new (string Name, Tensor? Value)[] { ("RMS", Rms), (Columns is null ? "exp_avg_sq" : "exp_avg_sq_row", Second), ("exp_avg_sq_col", Columns), ("exp_avg", First) }
                .Where(t => t.Value is not null).Select(t => KeyValuePair.Create(t.Name, t.Value!));

        public static Slot Of(Tensor parameter, bool first)
        {
            Tensor Zeros(params long[] shape) => zeros(shape, dtype: ScalarType.Float32, device: parameter.device).DetachFromDisposeScope();
            var shape = parameter.shape;
            return shape.Length < 2
                ? new(Zeros(), Zeros(shape), null, first ? Zeros(shape) : null)
                : new(Zeros(), Zeros(shape[..^1]), Zeros([.. shape[..^2], shape[^1]]), first ? Zeros(shape) : null);
        }
    }
}

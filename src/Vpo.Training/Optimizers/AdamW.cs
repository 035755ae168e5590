using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>The numbers of AdamW; the defaults are those of transformers' Trainer.</summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <summary>Decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, for the parameters that <see cref="TrainedParameters.Decays"/> names.</summary>
    public double WeightDecay { get; init; }

    /// <summary>One native call for all parameters. False takes the slower plain arithmetic, equal but for rounding.</summary>
    public bool Fused { get; init; } = true;

    internal override IOptimizer Create(TrainedParameters parameters) => new AdamW(parameters, this);
}

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), moments in float32.</summary>
public sealed class AdamW : CountingOptimizer
{
    private readonly AdamWOptions _options;
    private readonly Tensor[] _first, _second;
    private readonly double[] _decays;

    /// <summary>Starts with moments of 0.</summary>
    /// <param name="parameters">What to change; not owned.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="decayOf">Weight decay of a parameter by name; null follows the options.</param>
    public AdamW(TrainedParameters parameters, AdamWOptions? options = null, Func<string, double>? decayOf = null) : base(parameters)
    {
        _options = options ?? new();
        decayOf ??= name => TrainedParameters.Decays(name) ? _options.WeightDecay : 0;
        _first = [.. parameters.Masters.Select(p => zeros_like(p).DetachFromDisposeScope())];
        _second = [.. parameters.Masters.Select(p => zeros_like(p).DetachFromDisposeScope())];
        _decays = [.. parameters.Names.Select(decayOf)];
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, Tensor>> State =>
    [
        new("step", StepCount),
        .. Parameters.Names.Select((name, i) => KeyValuePair.Create(name + ".exp_avg", _first[i])),
        .. Parameters.Names.Select((name, i) => KeyValuePair.Create(name + ".exp_avg_sq", _second[i])),
    ];

    /// <inheritdoc/>
    public override void Update(IReadOnlyList<int> members, double rate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var group in members.GroupBy(i => _decays[i]))
        {
            if (_options.Fused)
                StepFused([.. group], rate, group.Key);
            else
                Array.ForEach([.. group], i => StepPlain(i, rate, group.Key));
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var tensor in (Tensor[])[StepCount, .. _first, .. _second])
            tensor.Dispose();
    }

    private void StepFused(int[] members, double rate, double decay)
    {
        Tensor[] Of(Tensor[] all) => Array.ConvertAll(members, i => all[i]);
        var numbers = tensor(new[] { rate, _options.Beta1, _options.Beta2, decay, _options.Epsilon });
        FusedKernels.AdamW((Of(Parameters.Masters), Of(Parameters.Gradients), Of(_first), Of(_second), Array.ConvertAll(members, _ => StepCount)), numbers);
    }

    private void StepPlain(int i, double rate, double decay)
    {
        using var scope = NewDisposeScope();
        var (p, g, m, v, t) = (Parameters.Masters[i], Parameters.Gradients[i], _first[i], _second[i], StepCount.item<float>());
        var (beta1, beta2) = (_options.Beta1, _options.Beta2);
        p.TimesInPlace(1 - rate * decay);
        m.TimesInPlace(beta1).PlusInPlace(g, 1 - beta1);
        v.TimesInPlace(beta2).PlusInPlace(g.Squared(), 1 - beta2);
        var root = v.sqrt().TimesInPlace(1 / Math.Sqrt(1 - Math.Pow(beta2, t))).Plus(_options.Epsilon);
        p.PlusInPlace(m.div(root), -rate / (1 - Math.Pow(beta1, t)));
    }
}

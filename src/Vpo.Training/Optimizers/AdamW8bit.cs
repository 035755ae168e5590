using System.Text.RegularExpressions;
using Vpo.Models.Tensors;
using Vpo.Training.Kernels;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>AdamW whose moments take 2.03 bytes a parameter instead of 8; the defaults are those of transformers' Trainer with <c>optim: adamw_bnb_8bit</c>.</summary>
public sealed record AdamW8bitOptions : OptimizerOptions
{
    /// <summary>Decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, for the parameters that <see cref="TrainedParameters.Decays"/> names.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Parameters of fewer elements keep their moments in float32.</summary>
    public int LeastElements { get; init; } = 4096;

    /// <summary>Whether tables of embeddings (and with them a tied head) keep their moments in float32, as transformers has it: the gradient of a row that is not in the
    /// batch is 0, and a second moment that was rounded to 0 then leaves ε alone under a first moment that was not.</summary>
    public bool WideEmbeddings { get; init; } = true;

    internal override IOptimizer Create(TrainedParameters parameters) => new AdamW8bit(parameters, this);
}

/// <summary>
/// AdamW with moments in 8 bits (Dettmers et al., arXiv 2110.02861): blocks of 256 numbers, each with its largest magnitude in float32 and a code for the nearest
/// of 256 dynamic levels; signed for the first moment, unsigned for the second. A step uses the renewed moments before they are rounded.
/// </summary>
/// <remarks>As bitsandbytes' AdamW8bit, but for two things: weights decay before the update (as in PyTorch's AdamW, there after it), and a first moment is
/// rounded to the nearest level whatever its sign (there a negative one is never rounded to 0).</remarks>
public sealed partial class AdamW8bit : CountingOptimizer
{
    private readonly AdamW8bitOptions _options;
    private readonly Slot[] _slots;
    private readonly double[] _decays;

    /// <summary>Starts with moments of 0.</summary>
    /// <param name="parameters">What to change; not owned.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="decayOf">Weight decay of a parameter by name; null follows the options.</param>
    public AdamW8bit(TrainedParameters parameters, AdamW8bitOptions? options = null, Func<string, double>? decayOf = null) : base(parameters)
    {
        _options = options ?? new();
        decayOf ??= name => TrainedParameters.Decays(name) ? _options.WeightDecay : 0;
        _decays = [.. parameters.Names.Select(decayOf)];
        _slots = [.. parameters.Masters.Select((p, i) => p.numel() < _options.LeastElements || (_options.WideEmbeddings && Embeddings().IsMatch(parameters.Names[i])) ? (Slot)new Wide(p) : new Narrow(p))];
    }

    /// <summary>The step; of each parameter exp_avg and exp_avg_sq, float32 as the parameter, or uint8 codes [blocks, 256] with absmax1 and absmax2, float32 [blocks].</summary>
    public override IEnumerable<KeyValuePair<string, Tensor>> State =>
        [new("step", StepCount), .. _slots.SelectMany((slot, i) => slot.Tensors.Select(t => KeyValuePair.Create($"{Parameters.Names[i]}.{t.Name}", t.Value)))];

    /// <inheritdoc/>
    public override void Update(IReadOnlyList<int> members, double rate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var step = StepCount.item<float>();
        foreach (var i in members)
        {
            if (_slots[i] is Narrow narrow)
                NarrowAdamKernel.Step(Parameters.Masters[i], Parameters.Gradients[i], narrow.First, narrow.Second, Numbers(step, rate, _decays[i]));
        }
        foreach (var group in members.Where(i => _slots[i] is Wide).GroupBy(i => _decays[i]))
            StepWide([.. group], rate, group.Key);
    }

    /// <inheritdoc/>
    public override void Dispose() => Array.ForEach([StepCount, .. _slots.SelectMany(s => s.Tensors.Select(t => t.Value))], tensor => tensor.Dispose());

    private AdamStep Numbers(float step, double rate, double decay) => new((float)_options.Beta1, (float)_options.Beta2, (float)_options.Epsilon,
        (float)(1 - rate * decay), (float)(rate / (1 - Math.Pow(_options.Beta1, step))), (float)(1 / Math.Sqrt(1 - Math.Pow(_options.Beta2, step))));

    private void StepWide(int[] members, double rate, double decay)
    {
        Tensor[] Of(Func<int, Tensor> value) => Array.ConvertAll(members, i => value(i));
        var numbers = tensor(new[] { rate, _options.Beta1, _options.Beta2, decay, _options.Epsilon });
        FusedKernels.AdamW((Of(i => Parameters.Masters[i]), Of(i => Parameters.Gradients[i]), Of(i => ((Wide)_slots[i]).First), Of(i => ((Wide)_slots[i]).Second), Of(_ => StepCount)), numbers);
    }

    // Tables of Hugging Face's models: embed_tokens of LLaMA and its kin, wte of GPT-2, shared of T5.
    [GeneratedRegex(@"(?:^|\.)(?:embed_tokens|wte|shared)\.weight$", RegexOptions.CultureInvariant)]
    private static partial Regex Embeddings();

    /// <summary>The moments of one parameter.</summary>
    private abstract record Slot
    {
        public abstract IEnumerable<(string Name, Tensor Value)> Tensors { get; }
    }

    private sealed record Wide(Tensor First, Tensor Second) : Slot
    {
        public Wide(Tensor parameter) : this(zeros_like(parameter).DetachFromDisposeScope(), zeros_like(parameter).DetachFromDisposeScope()) { }

        public override IEnumerable<(string Name, Tensor Value)> Tensors => [("exp_avg", First), ("exp_avg_sq", Second)];
    }

    private sealed record Narrow(NarrowMoment First, NarrowMoment Second) : Slot
    {
        public Narrow(Tensor parameter) : this(new(parameter.numel(), DynamicMap.Signed, parameter.device), new NarrowMoment(parameter.numel(), DynamicMap.Unsigned, parameter.device)) { }

        public override IEnumerable<(string Name, Tensor Value)> Tensors => [("exp_avg", First.Codes), ("absmax1", First.Largest), ("exp_avg_sq", Second.Codes), ("absmax2", Second.Largest)];
    }
}

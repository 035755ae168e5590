using Vpo.Models.Checkpoints;

namespace Vpo.Models.Llama;

/// <summary>How rotary frequencies are stretched for contexts longer than the model was first trained on.</summary>
public abstract record RopeScaling
{
    private RopeScaling() { }

    /// <summary>The frequency used in place of θ^(−2i/d).</summary>
    internal abstract double Apply(double frequency);

    /// <summary>As trained.</summary>
    public sealed record None : RopeScaling
    {
        internal override double Apply(double frequency) => frequency;
    }

    /// <summary>Every frequency divided by the factor.</summary>
    public sealed record Linear(double Factor) : RopeScaling
    {
        internal override double Apply(double frequency) => frequency / Factor;
    }

    /// <summary>Llama 3.1: long waves divided by the factor, short ones kept, a linear blend between (λ = 2π/f against L/low and L/high).</summary>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, long OriginalMaxPositions) : RopeScaling
    {
        internal override double Apply(double frequency)
        {
            var turns = OriginalMaxPositions * frequency / (2 * Math.PI);
            if (turns < LowFrequencyFactor)
                return frequency / Factor;
            if (turns > HighFrequencyFactor)
                return frequency;
            var blend = (turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
            return (1 - blend) * frequency / Factor + blend * frequency;
        }
    }

    internal static RopeScaling Read(ConfigReader? section)
    {
        if (section is null)
            return new None();
        if (section.Number("partial_rotary_factor", 1) != 1)
            throw new CheckpointException($"'{section.Location}': partial_rotary_factor other than 1 is not supported.");
        var type = section.Text("rope_type") ?? section.Text("type") ?? "default";
        return type switch
        {
            "default" => new None(),
            "linear" => new Linear(FactorOf(section)),
            "llama3" => new Llama3(FactorOf(section), section.Number("low_freq_factor"), section.Number("high_freq_factor"), section.Integer("original_max_position_embeddings")),
            _ => throw new CheckpointException($"'{section.Location}': rope type '{type}' is not supported. Supported: default, linear, llama3."),
        };
    }

    private static double FactorOf(ConfigReader section) => section.Number("factor") is var factor and > 0
        ? factor
        : throw new CheckpointException($"'{section.Location}': factor must be above 0.");
}

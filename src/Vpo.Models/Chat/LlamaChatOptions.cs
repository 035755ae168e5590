using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using static TorchSharp.torch;

namespace Vpo.Models.Chat;

/// <summary>How a <see cref="LlamaChatClient"/> runs its model.</summary>
public sealed record LlamaChatOptions
{
    /// <summary>Name for records; null: the name of the folder or file.</summary>
    public string? ModelId { get; init; }

    /// <summary>Null: recognised from the model's files.</summary>
    public ChatTemplate? Template { get; init; }

    /// <summary>Type of weights and arithmetic. Null: as on disk; packed GGUF types become float32.</summary>
    public ScalarType? Type { get; init; }

    /// <summary>Type in which matrices are read while text is written; null: that of <see cref="Type"/>, to the last digit. Default: the fastest on this CPU (<see cref="WeightType.Auto"/>).</summary>
    public WeightType? Weights { get; init; } = WeightType.Auto;

    /// <summary>Null: the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>Sampling where a call does not say otherwise: the likeliest token, at most 512 new ones.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Greedy = true, MaxNewTokens = 512 };

    /// <summary>Most answers that are written together, over all calls that are running.</summary>
    public int MaxBatch { get; init; } = 32;
}

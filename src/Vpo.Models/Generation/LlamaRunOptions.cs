using Vpo.Models.Chat;
using Vpo.Models.Decoding;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Generation;

/// <summary>How a language model on this machine is run, whatever it writes.</summary>
public abstract record LlamaRunOptions
{
    private protected LlamaRunOptions(SamplingOptions sampling) => Sampling = sampling;

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

    /// <summary>Sampling where a call does not say otherwise.</summary>
    public SamplingOptions Sampling { get; init; }

    /// <summary>Most texts that are written together, over all calls that are running.</summary>
    public int MaxBatch { get; init; } = 32;

    /// <summary>The same options, with the name and the ids that end an answer taken from the model where they are not set.</summary>
    internal LlamaRunOptions For(string path, LlamaCheckpoint checkpoint) => this with
    {
        ModelId = ModelId ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))),
        Sampling = Sampling with { StopIds = Sampling.StopIds ?? checkpoint.Defaults.StopIds },
    };
}

using Vpo.Models.Chat;
using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using static TorchSharp.torch;

namespace Vpo.Models.Optimization;

/// <summary>How a <see cref="LlamaPromptOptimizer"/> runs its model.</summary>
public sealed record LlamaOptimizerOptions
{
    /// <summary>Name for records; null: the name of the folder or file.</summary>
    public string? ModelId { get; init; }

    /// <summary>The instruction around the query. Null: vpo_template.txt in the adapter's folder, or beside the model; without such a file the built-in one, or the query alone for a plain template.</summary>
    public InstructionTemplate? Instruction { get; init; }

    /// <summary>Null: recognised from the model's files.</summary>
    public ChatTemplate? Template { get; init; }

    /// <summary>Folder of a LoRA adapter in peft's layout, merged into the model when it is opened. Null: none.</summary>
    public string? Adapter { get; init; }

    /// <summary>Type of weights and arithmetic. Null: as on disk; packed GGUF types become float32.</summary>
    public ScalarType? Type { get; init; }

    /// <summary>Type in which matrices are read while text is written; null: that of <see cref="Type"/>, to the last digit. Default: the fastest on this CPU (<see cref="WeightType.Auto"/>).</summary>
    public WeightType? Weights { get; init; } = WeightType.Auto;

    /// <summary>Null: the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>Sampling where a call does not say otherwise: temperature 0.7, top-p 0.9, at most 256 new tokens.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Temperature = 0.7, TopP = 0.9, MaxNewTokens = 256 };

    /// <summary>Most prompts that are written together, over all calls that are running.</summary>
    public int MaxBatch { get; init; } = 32;

    /// <summary>Counts tokens of the target video model, for <see cref="PromptOptions.TokenBudget"/>. Null: the language model's own tokens, which are of about the same length.</summary>
    public Func<string, int>? CountTargetTokens { get; init; }
}

using Vpo.Models.Chat;
using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using static TorchSharp.torch;

namespace Vpo.Models.Optimization;

/// <summary>How a <see cref="LlamaPromptOptimizer"/> runs its model. By default it samples at temperature 0.7 and top-p 0.9, at most 256 new tokens.</summary>
public sealed record LlamaOptimizerOptions() : LlamaRunOptions(new SamplingOptions { Temperature = 0.7, TopP = 0.9, MaxNewTokens = 256 })
{
    /// <summary>The instruction around the query. Null: vpo_template.txt in the adapter's folder, or beside the model; without such a file the built-in one, or the query alone for a plain template.</summary>
    public InstructionTemplate? Instruction { get; init; }

    /// <summary>Folder of a LoRA adapter in peft's layout, merged into the model when it is opened. Null: none.</summary>
    public string? Adapter { get; init; }

    /// <summary>Counts tokens of the target video model, for <see cref="PromptOptions.TokenBudget"/>. Null: the language model's own tokens, which are of about the same length.</summary>
    public Func<string, int>? CountTargetTokens { get; init; }
}

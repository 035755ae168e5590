using Vpo.Models.Lora;

namespace Vpo.Training.HandOver;

/// <summary>Training somewhere else, on many GPUs: what the other program needs to know besides the options.</summary>
/// <param name="Model">Folder or hub name of the model to start from.</param>
/// <param name="Dataset">LLaMA-Factory: a name of dataset_info.json; TRL: a folder or a file of rows.</param>
/// <param name="Output">Where the other program writes.</param>
public sealed record HandOverPlan(string Model, string Dataset, string Output)
{
    /// <summary>LLaMA-Factory's name of the chat template.</summary>
    public string Template { get; init; } = "llama3";

    /// <summary>Null: full fine-tuning.</summary>
    public LoraConfig? Adapter { get; init; }

    /// <summary>LLaMA-Factory's DeepSpeed file, for example examples/deepspeed/ds_z3_config.json; null: none.</summary>
    public string? DeepSpeed { get; init; }
}

using Vpo.Models.Chat;
using Vpo.Models.Lora;
using Vpo.Models.Optimization;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>How a <see cref="LlamaPreferenceLearner"/> trains.</summary>
public sealed record LlamaLearnerOptions
{
    /// <summary>The Hugging Face folder that a lesson without StartFrom starts from. For a model from nothing, write one with a random start
    /// (<see cref="Vpo.Models.Llama.LlamaFolder"/>).</summary>
    public required string BaseModel { get; init; }

    /// <summary>For demonstrations; the seed is the lesson's. Default: the released settings of VPO, a checkpoint every 200 steps.</summary>
    public SftOptions Supervised { get; init; } = SftOptions.Released with { CheckpointEvery = 200 };

    /// <summary>For pairs; the seed is the lesson's. Default: the released settings of VPO, a checkpoint every 200 steps.</summary>
    public PreferenceOptions Preferences { get; init; } = PreferenceOptions.Released with { CheckpointEvery = 200 };

    /// <summary>Trains a LoRA, rsLoRA or DoRA adapter instead of all parameters; it is saved in the lesson's "adapter" folder and merged into the
    /// model that the lesson ends with. Null: full fine-tuning.</summary>
    public LoraConfig? Adapter { get; init; }

    /// <summary>Of each lesson, so many examples or pairs (the last ones) are held out for the evaluation that <see cref="TrainingOptions.Evaluation"/> asks for.</summary>
    public int HeldOut { get; init; }

    /// <summary>Held-out queries for which the model writes a prompt at every evaluation, into samples.jsonl.</summary>
    public int Samples { get; init; } = 4;

    /// <summary>Type of the arithmetic; the weights being trained are float32. Null: the faster of float32 and bfloat16 on this machine.</summary>
    public ScalarType? Compute { get; init; }

    /// <summary>Null: the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>Threads of the training thread's products; null leaves what libtorch chose. Tiny models are fastest with 1.</summary>
    public int? Threads { get; init; }

    /// <summary>The instruction around a query; null: as <see cref="LlamaPromptOptimizer.Open"/> finds it for the model.</summary>
    public InstructionTemplate? Instruction { get; init; }

    /// <summary>Null: recognised from the model's files.</summary>
    public ChatTemplate? Template { get; init; }

    /// <summary>Opens a trained model folder; null: <see cref="LlamaPromptOptimizer.Open"/>, with the model's own arithmetic.</summary>
    public Func<string, IPromptOptimizer>? OpenOptimizer { get; init; }

    /// <summary>For speeds and the time left.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

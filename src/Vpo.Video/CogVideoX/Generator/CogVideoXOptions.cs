using TorchSharp;

namespace Vpo.Video.CogVideoX;

/// <summary>How a <see cref="CogVideoXGenerator"/> works; what a single call may change is in <see cref="VideoOptions"/>.</summary>
public sealed record CogVideoXOptions
{
    /// <summary>Name of the model in clips; null: the name of its folder.</summary>
    public string? ModelId { get; init; }

    /// <summary>Videos denoised together. More is faster for small models and needs more memory. Default 1.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>
    /// Batches of one call that are computed side by side, each on one thread of the CPU: faster than one after another on all threads where
    /// a model is too small to keep them busy; memory is that of so many batches. Default 1.
    /// </summary>
    public int Lanes { get; init; } = 1;

    /// <summary>Denoising steps when a call names none. Default 50.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Guidance when a call names none. Default 6, as published.</summary>
    public double GuidanceScale { get; init; } = 6;

    /// <summary>Whether guidance follows the timestep; null: as recommended for the model (5B and 1.5: yes).</summary>
    public bool? DynamicGuidance { get; init; }

    /// <summary>The sampler; null: as recommended for the model (2B: DDIM, 5B and 1.5: DPM).</summary>
    public SamplerKind? Sampler { get; init; }

    /// <summary>Size when a call names none; null: what the model was trained for.</summary>
    public VideoShape? Shape { get; init; }

    /// <summary>Frames per second of the clips; null: 8, for 1.5 16.</summary>
    public double? FramesPerSecond { get; init; }

    /// <summary>Decode in tiles, for large videos; null: whole.</summary>
    public Tiling? Tiling { get; init; }

    /// <summary>Compute the two halves of guidance one after another: half the memory of a step.</summary>
    public bool SplitsGuidance { get; init; }

    /// <summary>Leaves out steps in which little changes: faster, not exact. Null: every step is computed.</summary>
    public StepCacheOptions? StepCache { get; init; }

    /// <summary>Prompts whose embeddings are kept, so that the text encoder need not run again. Default 32, for CogVideoX 2 MB each. For a model opened from a folder.</summary>
    public int CachedPrompts { get; init; } = 32;

    /// <summary>Which parts are closed while they are not needed. Default: none. For a model opened from a folder.</summary>
    public Offload Offload { get; init; }

    /// <summary>Cut prompts to the model's token budget, as diffusers does, instead of refusing longer ones. For a model opened from a folder.</summary>
    public bool TruncatesPrompts { get; init; }

    /// <summary>Type of parameters and arithmetic of a model opened from a folder; null: as on disk, but bfloat16 for float16 on a CPU, where float16 is very slow.</summary>
    public torch.ScalarType? Type { get; init; }

    /// <summary>Device of a model opened from a folder, such as "cpu" or "cuda:0"; null: the one that the variable VPO_DEVICE names, else the CPU.</summary>
    public string? Device { get; init; }

    /// <summary>A LoRA file of diffusers, or its folder, that is put into the transformer of a model opened from a folder; null: none.</summary>
    public string? Lora { get; init; }

    /// <summary>Multiplies what <see cref="Lora"/> adds. Default 1.</summary>
    public double LoraStrength { get; init; } = 1;

    /// <summary>A folder with another transformer (config.json and weights), such as one trained by Diffusion-DPO; null: the model's own.</summary>
    public string? TransformerFolder { get; init; }

    /// <summary>Throws when a value is out of range.</summary>
    internal CogVideoXOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Lanes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Steps);
        ArgumentOutOfRangeException.ThrowIfNegative(GuidanceScale);
        ArgumentOutOfRangeException.ThrowIfNegative(CachedPrompts);
        return this;
    }
}

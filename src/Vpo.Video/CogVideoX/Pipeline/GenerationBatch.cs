using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Videos to be made together.</summary>
public sealed record GenerationBatch
{
    /// <summary>One for each video.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>What must not be seen, one for each video; null: nothing, for all.</summary>
    public IReadOnlyList<string>? NegativePrompts { get; init; }

    /// <summary>Random numbers; not disposed of by the run.</summary>
    public required INoise Noise { get; init; }

    /// <summary>Size of the videos; null: what the model was trained for.</summary>
    public VideoShape? Shape { get; init; }

    /// <summary>Denoising steps.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Strength of classifier-free guidance.</summary>
    public Guidance Guidance { get; init; } = new(6);

    /// <summary>The sampler.</summary>
    public SamplerKind Sampler { get; init; }

    /// <summary>First frames for image-to-video models, [B, 3, H, W] in 0 .. 1.</summary>
    public Tensor? Image { get; init; }

    /// <summary>Compute the two halves of guidance one after another: half the memory of a step, the same numbers but for rounding.</summary>
    public bool SplitGuidance { get; init; }

    /// <summary>Leaves out steps in which little changes; null: every step is computed.</summary>
    public StepCacheOptions? StepCache { get; init; }

    /// <summary>Decode videos one after another, for less memory.</summary>
    public bool DecodeOneByOne { get; init; }

    /// <summary>Decode in tiles; null: whole.</summary>
    public Tiling? Tiling { get; init; }
}

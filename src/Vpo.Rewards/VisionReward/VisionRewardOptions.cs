using Vpo.Rewards.Checklists;
using Vpo.Rewards.Sampling;

namespace Vpo.Rewards.VisionReward;

/// <summary>Which frames VisionReward-Video looks at.</summary>
public enum VisionRewardSampling
{
    /// <summary>"chat": one a second, as the published script does; 6 or 7 frames of a clip of 6 seconds.</summary>
    OnePerSecond,

    /// <summary>"base": the cap's number of frames, evenly; the paper trained on 24 frames of up to 6 seconds.</summary>
    Evenly,
}

/// <summary>How VisionReward-Video is asked; the defaults are those of its published script.</summary>
public sealed record VisionRewardOptions
{
    /// <summary>From answers to the score. To reproduce the script's figures set <see cref="ChecklistScoring.Unknown"/> to <see cref="UnknownAnswers.NotYes"/>.</summary>
    public ChecklistScoring Scoring { get; init; } = new();

    /// <summary>Which frames.</summary>
    public VisionRewardSampling Sampling { get; init; } = VisionRewardSampling.OnePerSecond;

    /// <summary>At most so many frames.</summary>
    public int MaxFrames { get; init; } = FrameSampler.VisionRewardCap;

    /// <summary>Keeps the line break that the script leaves after every question but the last; it changes a token.</summary>
    public bool PreserveTrailingNewline { get; init; } = true;

    /// <summary>Where the model is loaded; null: the CPU.</summary>
    public TorchSharp.torch.Device? Device { get; init; }

    /// <summary>Questions between two looks at which pairs of a group are still possible: few stop sooner, many cost less each. At least 1.</summary>
    public int LazyBatch { get; init; } = 8;

    /// <summary>Reads the first token of a reply; exactly "yes" or "no" by default.</summary>
    public Func<string, Answer> ReadAnswer { get; init; } = AnswerReader.Exact;
}

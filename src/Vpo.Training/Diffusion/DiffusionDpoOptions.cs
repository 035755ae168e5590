namespace Vpo.Training;

/// <summary>Diffusion-DPO. A step takes BatchSize pairs, 2·BatchSize samples, times Accumulation.</summary>
public sealed record DiffusionDpoOptions : TrainingOptions
{
    /// <summary>β and its scaling.</summary>
    public DiffusionDpoLoss Loss { get; init; } = new();

    /// <summary>Adds this times the policy's error on the preferred samples, which holds it to what it can already do; 0 is the published loss.</summary>
    public double ChosenErrorWeight { get; init; }

    /// <summary>VisionReward's settings for CogVideoX-2B (arXiv 2412.21059): about 500 steps of 32 pairs at 5e-6 after 100 steps of warm-up, β 500.</summary>
    public static DiffusionDpoOptions VisionReward { get; } = new()
    {
        Schedule = new LearningRateSchedule.ConstantWithWarmup(5e-6, 100),
        BatchSize = 1,
        Accumulation = 32,
    };

    /// <summary>Throws when a number is out of its range.</summary>
    internal void Check()
    {
        Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Loss.Beta, "Loss.Beta");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Loss.Factor, "Loss.Factor");
        ArgumentOutOfRangeException.ThrowIfNegative(ChosenErrorWeight);
        if (MaxLength is not null || Lanes != 1)
            throw new ArgumentException("MaxLength and Lanes are settings of language models; Diffusion-DPO has neither.");
    }
}

using Vpo.Training;

namespace Vpo.MiniWorld;

/// <summary>What a <see cref="Combination"/> runs, and in what size.</summary>
public sealed record CombinationOptions
{
    /// <summary>The run that trains the prompt optimizer; its seed is the seed of everything.</summary>
    public QuickstartOptions Quickstart { get; init; } = new();

    /// <summary>Training queries whose clips become pairs for Diffusion-DPO: each as it is typed, and as the few-shot teacher puts it.</summary>
    public int PairQueries { get; init; } = 300;

    /// <summary>Clips of each prompt, of which the best and the worst make a pair.</summary>
    public int Candidates { get; init; } = 4;

    /// <summary>Rank of the generator's adapter.</summary>
    public int Rank { get; init; } = 32;

    /// <summary>Strength of the reference, authors' scaling.</summary>
    public double Beta { get; init; } = 500;

    /// <summary>Highest learning rate of Diffusion-DPO.</summary>
    public double Rate { get; init; } = 3e-4;

    /// <summary>Passes over the pairs.</summary>
    public int Epochs { get; init; } = 8;

    /// <summary>A run of seconds that goes through every step; its figures mean little.</summary>
    public static CombinationOptions Smoke { get; } = new() { Quickstart = QuickstartOptions.Smoke, PairQueries = 8, Candidates = 2, Rank = 4, Epochs = 1 };

    internal GeneratorDpoOptions Training => new()
    {
        Rank = Rank,
        Targets = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2"],
        Training = new()
        {
            Schedule = new LearningRateSchedule.Linear(Rate, 0.05),
            Loss = new(Beta),
            Epochs = Epochs,
            BatchSize = 16,
            CheckpointEvery = 50,
            Seed = Quickstart.Seed,
        },
    };
}

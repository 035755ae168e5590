namespace Vpo.MiniWorld;

/// <summary>What the stages of one training share.</summary>
/// <param name="Recipe">How to train.</param>
/// <param name="Log">Gets a line every hundred steps.</param>
/// <param name="States">Keeps what was done.</param>
/// <param name="Progress">Hears of every step; may be null.</param>
internal sealed record GeneratorRun(GeneratorRecipe Recipe, TrainingLog Log, UnfinishedGenerator States, IProgress<GeneratorProgress>? Progress)
{
    /// <summary>For the time left.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Ends training between two steps.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>A report on one stage.</summary>
    public StageReport Report(string stage, (int First, int Total) steps) => new(stage, steps, Progress, Clock);

    /// <summary>The seed of something random.</summary>
    public int Seed(string what, int step) => ContentId.Seed(Recipe.Seed, what, step.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

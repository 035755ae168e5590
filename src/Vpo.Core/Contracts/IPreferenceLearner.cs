namespace Vpo;

/// <summary>Learns a better optimizer: supervised from demonstrations (SFT), or from preference pairs (DPO). It closes the loop.</summary>
/// <remarks>One call at a time. The same lesson in the same folder goes on where it was stopped.</remarks>
public interface IPreferenceLearner : IDisposable
{
    /// <summary>Trains and returns the optimizer that came out.</summary>
    /// <param name="lesson">What to learn from, and where to start.</param>
    /// <param name="progress">Hears of every step; may be null.</param>
    /// <param name="cancellationToken">Ends training between two steps; what was saved stays usable.</param>
    /// <exception cref="LearningException">Training was stopped by a guard (loss not finite, chosen log-probability falling); the message says where the last good state is.</exception>
    Task<LearnedOptimizer> LearnAsync(Lesson lesson, IProgress<LearningProgress>? progress = null, CancellationToken cancellationToken = default);
}

/// <summary>Training that could not be finished.</summary>
public sealed class LearningException : Exception
{
    /// <summary>Says why.</summary>
    public LearningException(string message) : base(message) { }

    /// <summary>Says why, with the cause.</summary>
    public LearningException(string message, Exception cause) : base(message, cause) { }
}

/// <summary>What to learn from. Exactly one of <see cref="Demonstrations"/> and <see cref="Pairs"/> is not empty.</summary>
public sealed record Lesson
{
    /// <summary>A short name, such as "sft" or "vpo-round-2".</summary>
    public required string Name { get; init; }

    /// <summary>The folder that gets checkpoints, metrics and the final model.</summary>
    public required string Folder { get; init; }

    /// <summary>For supervised fine-tuning.</summary>
    public IReadOnlyList<Demonstration> Demonstrations { get; init; } = [];

    /// <summary>For direct preference optimization.</summary>
    public IReadOnlyList<PreferencePair> Pairs { get; init; } = [];

    /// <summary>The model folder to start from, also the frozen reference of DPO; null starts from the learner's own base model. A learner may take an adapter's folder as well.</summary>
    public string? StartFrom { get; init; }

    /// <summary>Order of examples and all other randomness.</summary>
    public long Seed { get; init; }
}

/// <summary>The outcome of a lesson.</summary>
/// <param name="Optimizer">The trained optimizer; the caller disposes it.</param>
/// <param name="ModelFolder">A Hugging Face folder with its weights.</param>
/// <param name="Curve">One point a step.</param>
public sealed record LearnedOptimizer(IPromptOptimizer Optimizer, string ModelFolder, IReadOnlyList<LearningPoint> Curve);

/// <summary>One optimizer step.</summary>
public sealed record LearningPoint
{
    /// <summary>From 1.</summary>
    public required int Step { get; init; }

    /// <summary>Mean loss of the step.</summary>
    public required double Loss { get; init; }

    /// <summary>Mean of β(log-ratio of chosen − log-ratio of rejected); null in SFT.</summary>
    public double? Margin { get; init; }

    /// <summary>Share of pairs whose margin is above 0; null in SFT.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean change of the chosen prompts' log-probability against the reference; it must not fall. Null in SFT.</summary>
    public double? ChosenDrift { get; init; }
}

/// <summary>How far a lesson is.</summary>
/// <param name="Point">The step just done.</param>
/// <param name="TotalSteps">Steps in all.</param>
/// <param name="TimeLeft">An estimate.</param>
public sealed record LearningProgress(LearningPoint Point, int TotalSteps, TimeSpan TimeLeft);

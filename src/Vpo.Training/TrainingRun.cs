using Vpo.Training.Groups;

namespace Vpo.Training;

/// <summary>Where a run writes and who hears of it.</summary>
public sealed record TrainingRun
{
    /// <summary>The run's folder: metrics and checkpoints. A run that was stopped goes on from its newest checkpoint. Null writes nothing.</summary>
    public string? Folder { get; init; }

    /// <summary>Hears of every step, on the training thread.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Ends training between two steps.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Called after each evaluation, on the training thread, with the model as it is then: the place to write samples.</summary>
    public Action<TrainingPoint>? AtEvaluation { get; init; }

    /// <summary>Processes that train together, each on its share of every batch; null: this one alone. <see cref="TrainingOptions.BatchSize"/> is each one's.
    /// Metrics other than loss and tokens are means over the shares, weighted by their examples. All must see the same folder, or none.</summary>
    public IWorkGroup? Group { get; init; }

    /// <summary>For speeds and the time left.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>The outcome of a run; the model that was given has been changed in place.</summary>
/// <param name="Points">One a step, those of an earlier process of the same run included.</param>
/// <param name="Dropped">Examples that truncation left without a trained token, and that were left out.</param>
public sealed record TrainingResult(IReadOnlyList<TrainingPoint> Points, int Dropped)
{
    /// <summary>One an evaluation on held-out examples.</summary>
    public IReadOnlyList<TrainingPoint> Evaluations { get; init; } = [];

    /// <summary>The step whose parameters the model now has, where the best ones were brought back; null: the last.</summary>
    public int? RestoredStep { get; init; }
}

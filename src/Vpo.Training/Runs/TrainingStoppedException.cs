namespace Vpo.Training;

/// <summary>A guard ended training: the loss was not finite, the policy did not move, or the chosen completions became unlikely.</summary>
/// <param name="reason">What was seen, at which step, and what to try.</param>
/// <param name="checkpoint">The last good checkpoint; null when none was saved.</param>
public sealed class TrainingStoppedException(string reason, string? checkpoint)
    : Exception(reason + (checkpoint is null ? " No checkpoint had been saved." : $" The last good checkpoint is '{checkpoint}'."))
{
    /// <summary>The last good checkpoint; null when none was saved.</summary>
    public string? Checkpoint { get; } = checkpoint;
}

/// <summary>A run folder that belongs to another run.</summary>
/// <param name="message">What differs and what to do.</param>
public sealed class RunMismatchException(string message) : Exception(message);

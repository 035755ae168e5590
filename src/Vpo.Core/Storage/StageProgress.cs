namespace Vpo.Storage;

/// <summary>How far a stage is.</summary>
/// <param name="Stage">Its name, such as "round-1/verdicts".</param>
/// <param name="Done">Items or steps done, those of an earlier run included.</param>
/// <param name="Total">Items or steps in all; null while that is not known, as when a stream is read.</param>
/// <param name="TimeLeft">An estimate from this run's speed; null before the first item.</param>
public sealed record StageProgress(string Stage, int Done, int? Total, TimeSpan? TimeLeft)
{
    /// <summary>The step of training just done; null in other stages.</summary>
    public LearningPoint? Point { get; init; }
}

namespace Vpo;

/// <summary>Base of learners that wrap another. Disposes the inner one.</summary>
public abstract class DelegatingPreferenceLearner(IPreferenceLearner inner) : IPreferenceLearner
{
    /// <summary>The wrapped learner.</summary>
    protected IPreferenceLearner Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual Task<LearnedOptimizer> LearnAsync(Lesson lesson, IProgress<LearningProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Inner.LearnAsync(lesson, progress, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the inner learner.</summary>
    protected virtual void Dispose(bool disposing) => Inner.Dispose();
}

namespace Vpo;

/// <summary>Base of rewards that wrap another. Disposes the inner one.</summary>
public abstract class DelegatingVideoReward(IVideoReward inner) : IVideoReward
{
    /// <summary>The wrapped reward.</summary>
    protected IVideoReward Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default) =>
        Inner.ScoreAsync(query, prompt, clip, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the inner reward.</summary>
    protected virtual void Dispose(bool disposing) => Inner.Dispose();
}

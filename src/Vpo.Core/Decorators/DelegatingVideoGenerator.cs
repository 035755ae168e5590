namespace Vpo;

/// <summary>Base of generators that wrap another. Disposes the inner one.</summary>
public abstract class DelegatingVideoGenerator(IVideoGenerator inner) : IBatchVideoGenerator
{
    /// <summary>The wrapped generator.</summary>
    protected IVideoGenerator Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual Task<VideoClip> GenerateAsync(
        VideoRequest request, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Inner.GenerateAsync(request, options, progress, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<VideoClip>> GenerateBatchAsync(
        IReadOnlyList<VideoRequest> requests, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Inner.GenerateManyAsync(requests, options, progress, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the inner generator.</summary>
    protected virtual void Dispose(bool disposing) => Inner.Dispose();
}

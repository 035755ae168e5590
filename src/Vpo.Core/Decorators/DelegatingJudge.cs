namespace Vpo;

/// <summary>Base of judges that wrap another. Disposes the inner one.</summary>
public abstract class DelegatingJudge(IJudge inner) : IJudge
{
    /// <summary>The wrapped judge.</summary>
    protected IJudge Inner { get; } = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default) =>
        Inner.JudgeAsync(query, prompt, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default) => Inner.RefineAsync(verdict, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the inner judge.</summary>
    protected virtual void Dispose(bool disposing) => Inner.Dispose();
}

using System.Collections.Concurrent;

namespace Vpo.Models.Optimization;

/// <summary>One thread that does all tensor work of a model, one job after another: what torch keeps per thread (scopes, gradient mode) never crosses an await.</summary>
internal sealed class ModelWorker : IDisposable
{
    private readonly BlockingCollection<Action> _jobs = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Thread _thread;
    private readonly IDisposable _resource;
    private int _disposed;

    /// <param name="name">Of the thread.</param>
    /// <param name="resource">Disposed on the worker's thread after the last job.</param>
    public ModelWorker(string name, IDisposable resource)
    {
        _resource = resource;
        _thread = new(Work) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Queues a job. Its token is cancelled by the caller or when the worker is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The worker was disposed before the job ended; also as the result of the task.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, T> job, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(ModelWorker));
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _jobs.Add(() => Run(job, done, cancellationToken), CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(ModelWorker));
        }
        return await done.Task.ConfigureAwait(false);
    }

    /// <summary>Ends running and waiting jobs and returns when the resource is free.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _closing.Cancel();
        _jobs.CompleteAdding();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Work()
    {
        try
        {
            foreach (var job in _jobs.GetConsumingEnumerable())
                job();
        }
        finally
        {
            _resource.Dispose();
        }
    }

    private void Run<T>(Func<CancellationToken, T> job, TaskCompletionSource<T> done, CancellationToken cancellationToken)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
            either.Token.ThrowIfCancellationRequested();
            done.SetResult(job(either.Token));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            done.SetCanceled(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            done.SetException(new ObjectDisposedException(nameof(ModelWorker), "The model was disposed while the call was running."));
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }
}

using System.Collections.Concurrent;

namespace Vpo.Models.Generation;

/// <summary>
/// One thread that does all tensor work of a model: what torch keeps per thread (scopes, gradient mode) never crosses an await. Calls that come while
/// others run join their batch.
/// </summary>
internal sealed class GenerationWorker : IDisposable
{
    private readonly BlockingCollection<Call> _calls = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Thread _thread;
    private readonly TextGenerator _generator;
    private readonly IDisposable _model;
    private int _disposed;

    /// <param name="name">Of the thread.</param>
    /// <param name="generator">Of the model.</param>
    /// <param name="model">Disposed on the worker's thread after the last call.</param>
    public GenerationWorker(string name, TextGenerator generator, IDisposable model)
    {
        (_generator, _model) = (generator, model);
        _thread = new(Work) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Writes an answer for each request, in their order. The token ends this call alone.</summary>
    /// <exception cref="ArgumentException">As <see cref="TextGenerator.Generate"/>.</exception>
    /// <exception cref="ObjectDisposedException">The worker was disposed before the call ended; also as the result of the task.</exception>
    public Task<IReadOnlyList<GeneratedText>> GenerateAsync(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, Action<int, int>? onToken, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, typeof(TextGenerator));
        var call = _generator.CallOf(requests, options, onToken, cancellationToken, _closing.Token);
        try
        {
            _calls.Add(call, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(TextGenerator));
        }
        return call.Task;
    }

    /// <summary>Ends running and waiting calls and returns when the model is free.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _closing.Cancel();
        _calls.CompleteAdding();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    private void Work()
    {
        try
        {
            foreach (var call in _calls.GetConsumingEnumerable())
                _generator.Serve(call, () => _calls.TryTake(out var next) ? next : null);
        }
        finally
        {
            _model.Dispose();
        }
    }
}

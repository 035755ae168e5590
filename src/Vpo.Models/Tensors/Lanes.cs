using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Vpo.Models.Tensors;

/// <summary>
/// Threads that compute parts of a batch side by side, each with products on one thread. Small models gain more from this than from
/// parallel products: the parts never wait for each other between operations.
/// </summary>
internal sealed class Lanes : IDisposable
{
    private readonly BlockingCollection<Action>[] _queues;
    private readonly Thread[] _threads;

    /// <param name="count">At least 1; 1 runs on the calling thread.</param>
    public Lanes(int count)
    {
        Count = count;
        _queues = [.. Enumerable.Range(0, count == 1 ? 0 : count).Select(_ => new BlockingCollection<Action>())];
        _threads = [.. _queues.Select((queue, i) => new Thread(() => Work(queue)) { IsBackground = true, Name = $"vpo lane {i}" })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    public int Count { get; }

    /// <summary>Runs job(0) to job(n−1), each on its own lane, and waits for all of them.</summary>
    /// <exception cref="Exception">The first that a job threw.</exception>
    public void Run(int jobs, Action<int> job)
    {
        if (_threads.Length == 0)
        {
            for (var i = 0; i < jobs; i++)
                job(i);
            return;
        }
        using var left = new CountdownEvent(jobs);
        Exception? failure = null;
        for (var i = 0; i < jobs; i++)
        {
            var index = i;
            _queues[i].Add(() =>
            {
                try
                {
                    job(index);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref failure, e, null);
                }
                finally
                {
                    left.Signal();
                }
            });
        }
        left.Wait();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    public void Dispose()
    {
        Array.ForEach(_queues, queue => queue.CompleteAdding());
        Array.ForEach(_threads, thread => thread.Join());
        Array.ForEach(_queues, queue => queue.Dispose());
    }

    private static void Work(BlockingCollection<Action> queue)
    {
        set_num_threads(1);
        foreach (var job in queue.GetConsumingEnumerable())
            job();
    }
}

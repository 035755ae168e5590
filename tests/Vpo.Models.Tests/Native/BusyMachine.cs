namespace Vpo.Models.Tests.Native;

/// <summary>Three threads a processor that do nothing but keep it busy, until disposed of.</summary>
internal sealed class BusyMachine : IDisposable
{
    private readonly CancellationTokenSource _done = new();
    private readonly Thread[] _busy;

    public BusyMachine()
    {
        _busy = [.. Enumerable.Range(0, 3 * Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (!_done.IsCancellationRequested)
                Thread.SpinWait(1000);
        }) { IsBackground = true })];
        Array.ForEach(_busy, thread => thread.Start());
    }

    public void Dispose()
    {
        _done.Cancel();
        Array.ForEach(_busy, thread => thread.Join());
        _done.Dispose();
    }
}

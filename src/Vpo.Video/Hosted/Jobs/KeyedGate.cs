namespace Vpo.Video.Hosted;

/// <summary>One at a time for each key: two calls with the same request become one job.</summary>
internal sealed class KeyedGate
{
    private readonly Dictionary<string, (SemaphoreSlim Gate, int Users)> _gates = [];

    public async Task<IDisposable> EnterAsync(string key, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate;
        lock (_gates)
        {
            var (known, users) = _gates.GetValueOrDefault(key);
            gate = known ?? new(1, 1);
            _gates[key] = (gate, users + 1);
        }
        try
        {
            await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Leave(key, entered: false);
            throw;
        }
        return new Entry(this, key);
    }

    private void Leave(string key, bool entered)
    {
        lock (_gates)
        {
            var (gate, users) = _gates[key];
            if (entered)
                gate.Release();
            if (users == 1)
                _gates.Remove(key);
            else
                _gates[key] = (gate, users - 1);
        }
    }

    private sealed class Entry(KeyedGate owner, string key) : IDisposable
    {
        public void Dispose() => owner.Leave(key, entered: true);
    }
}

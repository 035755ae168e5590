using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>A model that is open always, or only while somebody uses it.</summary>
/// <remarks>Safe for concurrent calls.</remarks>
internal sealed class Part<T> : IDisposable where T : nn.Module
{
    private readonly Func<T> _open;
    private readonly bool _closes;
    private readonly Lock _lock = new();
    private T? _model;
    private int _users;

    /// <summary>A model that stays open.</summary>
    public Part(T model) => (_open, _model) = (() => throw new ObjectDisposedException(typeof(T).Name), model);

    /// <summary>A model that is opened for each use and closed after it.</summary>
    public Part(Func<T> open) => (_open, _closes) = (open, true);

    /// <summary>Whether it is open now.</summary>
    public bool IsOpen => _model is not null;

    /// <summary>The model; one that is closed is opened, and closed again after the next <see cref="Use"/>.</summary>
    public T Model
    {
        get
        {
            lock (_lock)
                return _model ??= _open();
        }
    }

    /// <summary>Does something with the model; nobody closes it in the meantime.</summary>
    public TResult Use<TResult>(Func<T, TResult> action)
    {
        T model;
        lock (_lock)
        {
            model = _model ??= _open();
            _users++;
        }
        try
        {
            return action(model);
        }
        finally
        {
            lock (_lock)
            {
                if (--_users == 0 && _closes)
                    Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _model?.Dispose();
            _model = null;
        }
    }
}

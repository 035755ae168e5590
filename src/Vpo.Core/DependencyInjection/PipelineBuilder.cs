namespace Vpo;

/// <summary>Wraps a service in decorators, the way the builders of Microsoft.Extensions.AI do: the first one added is the outermost.</summary>
/// <typeparam name="TService">The contract.</typeparam>
/// <typeparam name="TSelf">The builder itself, so that calls chain.</typeparam>
public abstract class PipelineBuilder<TService, TSelf>
    where TService : class
    where TSelf : PipelineBuilder<TService, TSelf>
{
    private readonly Func<IServiceProvider, TService> _innermost;
    private readonly List<Func<TService, IServiceProvider, TService>> _decorators = [];

    private protected PipelineBuilder(Func<IServiceProvider, TService> innermost) =>
        _innermost = innermost ?? throw new ArgumentNullException(nameof(innermost));

    /// <summary>Adds a decorator inside those already added.</summary>
    /// <param name="decorate">Gets the inner service and returns the one that wraps it.</param>
    public TSelf Use(Func<TService, TService> decorate)
    {
        ArgumentNullException.ThrowIfNull(decorate);
        return Use((inner, _) => decorate(inner));
    }

    /// <summary>Adds a decorator that needs services, inside those already added.</summary>
    /// <param name="decorate">Gets the inner service and the container, and returns the service that wraps the inner one.</param>
    public TSelf Use(Func<TService, IServiceProvider, TService> decorate)
    {
        ArgumentNullException.ThrowIfNull(decorate);
        _decorators.Add(decorate);
        return (TSelf)this;
    }

    /// <summary>Makes the service. The caller, or the container that it was registered in, disposes it.</summary>
    /// <param name="services">Null: an empty container.</param>
    /// <exception cref="InvalidOperationException">A decorator returned null.</exception>
    public TService Build(IServiceProvider? services = null)
    {
        services ??= EmptyServices.Instance;
        var service = _innermost(services) ?? throw new InvalidOperationException($"the factory of {typeof(TService).Name} returned null: return an instance");
        foreach (var decorate in Enumerable.Reverse(_decorators))
        {
            service = decorate(service, services)
                ?? throw new InvalidOperationException($"a decorator of {typeof(TService).Name} returned null: return the inner service to add nothing");
        }
        return service;
    }

    private sealed class EmptyServices : IServiceProvider
    {
        internal static readonly EmptyServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}

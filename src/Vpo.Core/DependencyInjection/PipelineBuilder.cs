namespace Vpo;

/// <summary>Wraps a part in layers such as logging, caching or retries, the way chat clients are wrapped in Microsoft.Extensions.AI.</summary>
/// <typeparam name="TPart">One of the contracts.</typeparam>
/// <param name="create">Makes the innermost part.</param>
public sealed class PipelineBuilder<TPart>(Func<IServiceProvider, TPart> create) where TPart : class
{
    private readonly List<Func<TPart, IServiceProvider, TPart>> _layers = [];

    /// <summary>Adds a layer. The first one added is the outermost.</summary>
    public PipelineBuilder<TPart> Use(Func<TPart, TPart> layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return Use((inner, _) => layer(inner));
    }

    /// <summary>Adds a layer that needs services. The first one added is the outermost.</summary>
    public PipelineBuilder<TPart> Use(Func<TPart, IServiceProvider, TPart> layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        _layers.Add(layer);
        return this;
    }

    /// <summary>Makes the part with all its layers.</summary>
    /// <exception cref="InvalidOperationException">The part or a layer came out as null.</exception>
    public TPart Build(IServiceProvider services)
    {
        var part = create(services) ?? throw new InvalidOperationException($"The function that makes the {typeof(TPart).Name} returned null.");
        for (var i = _layers.Count - 1; i >= 0; i--)
            part = _layers[i](part, services) ?? throw new InvalidOperationException($"Layer {i + 1} of {_layers.Count} around the {typeof(TPart).Name} returned null.");
        return part;
    }
}

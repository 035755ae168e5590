using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>The parameters of a living module as a checkpoint: to copy it, or to write it.</summary>
public sealed class ModuleCheckpoint : ICheckpoint
{
    private readonly Dictionary<string, TorchSharp.Modules.Parameter> _parameters;

    /// <summary>Reads the module's parameters as they are at the moment of reading.</summary>
    public ModuleCheckpoint(nn.Module module)
    {
        _parameters = module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        Shapes = _parameters.ToDictionary(p => p.Key, p => p.Value.shape, StringComparer.Ordinal);
        Location = module.GetName();
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>A copy of one parameter, without gradient, on the parameter's device.</summary>
    public Tensor Read(string name)
    {
        using var detached = _parameters[name].detach();
        return detached.clone();
    }

    /// <inheritdoc/>
    public void Dispose() { }
}

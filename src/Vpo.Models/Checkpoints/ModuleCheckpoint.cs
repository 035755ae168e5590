using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>The parameters of a living module as a checkpoint: to copy it, or to write it.</summary>
internal sealed class ModuleCheckpoint : ICheckpoint
{
    private readonly Dictionary<string, TorchSharp.Modules.Parameter> _parameters;

    public ModuleCheckpoint(nn.Module module)
    {
        _parameters = module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        Shapes = _parameters.ToDictionary(p => p.Key, p => p.Value.shape, StringComparer.Ordinal);
        Location = module.GetName();
    }

    public string Location { get; }

    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    public Tensor Read(string name)
    {
        using var detached = _parameters[name].detach();
        return detached.clone();
    }

    public void Dispose() { }
}

using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Models.Lora;

/// <summary>peft's adapter_model.safetensors under the names of the base model: without the prefix, and in the one spelling of DoRA's lengths.</summary>
internal sealed class AdapterFile : ICheckpoint
{
    private const string NewLength = ".lora_magnitude_vector.weight", Length = ".lora_magnitude_vector";

    private readonly SafetensorsFile _file;
    private readonly Dictionary<string, string> _nameOf;

    public AdapterFile(SafetensorsFile file)
    {
        _file = file;
        _nameOf = file.Shapes.Keys.ToDictionary(Plain, name => name, StringComparer.Ordinal);
        Shapes = _nameOf.ToDictionary(n => n.Key, n => file.Shapes[n.Value], StringComparer.Ordinal);
    }

    public string Location => _file.Location;

    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    public Tensor Read(string name) => _file.Read(_nameOf[name]);

    public void Dispose() => _file.Dispose();

    /// <summary>The names that end so, without that end.</summary>
    public List<string> Paths(string end) => [.. Shapes.Keys.Where(name => name.EndsWith(end, StringComparison.Ordinal)).Select(name => name[..^end.Length])];

    private static string Plain(string name)
    {
        var plain = name.StartsWith(LoraAdapter.Prefix, StringComparison.Ordinal) ? name[LoraAdapter.Prefix.Length..] : name;
        return plain.EndsWith(NewLength, StringComparison.Ordinal) ? plain[..^NewLength.Length] + Length : plain;
    }
}

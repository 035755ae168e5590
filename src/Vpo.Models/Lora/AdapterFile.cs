using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Models.Lora;

/// <summary>peft's adapter_model.safetensors under the names of the base model: without the prefix, and in the one spelling of DoRA's lengths.</summary>
internal sealed class AdapterFile : ICheckpoint
{
    private const string NewLength = ".lora_magnitude_vector.weight", Length = ".lora_magnitude_vector";

    private const string FileName = "adapter_model.safetensors", Weight = ".weight";

    private readonly SafetensorsFile _file;
    private readonly Dictionary<string, string> _nameOf;

    private AdapterFile(SafetensorsFile file)
    {
        _file = file;
        _nameOf = new(StringComparer.Ordinal);
        foreach (var name in file.Shapes.Keys)
        {
            if (!_nameOf.TryAdd(Plain(name), name))
                throw new CheckpointException($"'{file.Location}' has two tensors for '{Plain(name)}': '{_nameOf[Plain(name)]}' and '{name}'. Save the adapter again with peft.");
        }
        Shapes = _nameOf.ToDictionary(n => n.Key, n => file.Shapes[n.Value], StringComparer.Ordinal);
    }

    /// <exception cref="CheckpointException">There is no such file in the folder, or it is damaged.</exception>
    public static AdapterFile Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new CheckpointException($"'{folder}' lacks {FileName}."
                + (File.Exists(Path.ChangeExtension(path, ".bin")) ? " Its .bin file is pickled, which can run code when opened: save the adapter with peft's safe_serialization." : " Download the adapter again."));
        return new(SafetensorsFile.Open(path));
    }

    public string Location => _file.Location;

    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    public Tensor Read(string name) => _file.Read(_nameOf[name]);

    public void Dispose() => _file.Dispose();

    /// <summary>The names that end so, without that end.</summary>
    public List<string> Paths(string end) => [.. Shapes.Keys.Where(name => name.EndsWith(end, StringComparison.Ordinal)).Select(name => name[..^end.Length])];

    /// <summary>The layers that are kept whole.</summary>
    /// <exception cref="CheckpointMismatchException">A name is of no kind that belongs here.</exception>
    public List<string> WholePaths() => [.. Shapes.Keys.Where(name => !name.Contains(".lora_", StringComparison.Ordinal)).Select(name => name.EndsWith(Weight, StringComparison.Ordinal) ? name[..^Weight.Length]
        : throw new CheckpointMismatchException($"'{Location}' holds '{name}', which is no part of an adapter: expected names that end in .lora_A.weight, .lora_B.weight, {Length} or {Weight}."))];

    private static string Plain(string name)
    {
        var plain = name.StartsWith(LoraAdapter.Prefix, StringComparison.Ordinal) ? name[LoraAdapter.Prefix.Length..] : name;
        return plain.EndsWith(NewLength, StringComparison.Ordinal) ? plain[..^NewLength.Length] + Length : plain;
    }
}

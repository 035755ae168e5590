using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>A safetensors file, mapped into memory: opening it costs its header, and a tensor that is read is a view of the file.</summary>
public sealed class SafetensorsFile : ICheckpoint
{
    private readonly SafetensorsHeader _header;
    private readonly Dictionary<ScalarType, Tensor> _mapped = [];
    private readonly Lock _lock = new();

    private SafetensorsFile(string path, SafetensorsHeader header) =>
        (Location, _header, Shapes) = (path, header, header.Entries.ToDictionary(e => e.Key, e => e.Value.Shape, StringComparer.Ordinal));

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>The free texts of the header's __metadata__; empty when there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Checks the whole header and opens the file.</summary>
    /// <exception cref="CheckpointException">The file is damaged: the message names the tensor and the numbers that do not fit.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        LibtorchLoader.EnsureLoaded();
        return new(path, SafetensorsHeader.Read(path));
    }

    /// <summary>The type that a tensor has on disk.</summary>
    public ScalarType TypeOf(string name) => Entry(name).Type;

    /// <inheritdoc/>
    public Tensor Read(string name)
    {
        var entry = Entry(name);
        var size = SafetensorsHeader.SizeOf(entry.Type);
        var count = (entry.End - entry.Begin) / size;
        if (count == 0)
            return empty(entry.Shape, dtype: entry.Type);
        return entry.Begin % size == 0 ? View(entry, entry.Begin / size, count) : Copy(entry);
    }

    /// <summary>Lets go of the mapping; tensors that were read keep theirs.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var tensor in _mapped.Values)
                tensor.Dispose();
            _mapped.Clear();
        }
    }

    private SafetensorsEntry Entry(string name) => _header.Entries.TryGetValue(name, out var entry)
        ? entry
        : throw new KeyNotFoundException($"'{Location}' has no tensor '{name}'; it has {_header.Entries.Count}, among them {string.Join(", ", _header.Entries.Keys.Take(3))}.");

    private Tensor View(SafetensorsEntry entry, long first, long count)
    {
        lock (_lock)
        {
            if (!_mapped.TryGetValue(entry.Type, out var whole))
            {
                var elements = LengthOfFile() / SafetensorsHeader.SizeOf(entry.Type);
                whole = from_file(Location, shared: false, size: elements, dtype: entry.Type).DetachFromDisposeScope();
                _mapped.Add(entry.Type, whole);
            }
            using var flat = whole.narrow(0, first, count);
            return flat.view(entry.Shape);
        }
    }

    /// <summary>Of the file itself: FileInfo gives the length of a symbolic link, which is what the caches of model hubs are made of.</summary>
    private long LengthOfFile()
    {
        using var file = File.OpenHandle(Location);
        return RandomAccess.GetLength(file);
    }

    /// <summary>For a header whose length is not a multiple of the element size: such data can't be viewed, only copied.</summary>
    private Tensor Copy(SafetensorsEntry entry)
    {
        var tensor = empty(entry.Shape, dtype: entry.Type);
        using var file = new FileStream(Location, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        file.Position = entry.Begin;
        file.ReadExactly(tensor.bytes);
        return tensor;
    }
}

using System.Text.Json;
using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>The weights of one model in a folder as Hugging Face and diffusers publish it: one safetensors file, or shards with an index.</summary>
public sealed class CheckpointFolder : ICheckpoint
{
    private readonly Dictionary<string, SafetensorsFile> _fileOf = new(StringComparer.Ordinal);
    private readonly List<SafetensorsFile> _files = [];

    private CheckpointFolder(string location) => Location = location;

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long[]> Shapes { get; private set; } = new Dictionary<string, long[]>();

    /// <summary>Opens <c>stem.safetensors</c>, or the shards that <c>stem.safetensors.index.json</c> names.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="stem">"model" for transformers, "diffusion_pytorch_model" for diffusers.</param>
    /// <exception cref="CheckpointException">No weights, a missing shard, an index that disagrees with its shards, or a damaged file.</exception>
    public static CheckpointFolder Open(string folder, string stem = "model")
    {
        var opened = new CheckpointFolder(folder);
        try
        {
            opened.Load(Path.Combine(folder, stem + ".safetensors"));
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Read(string name) => _fileOf.TryGetValue(name, out var file)
        ? file.Read(name)
        : throw new KeyNotFoundException($"'{Location}' has no tensor '{name}'.");

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void Load(string single)
    {
        if (File.Exists(single))
            Add(single, only: null);
        else if (File.Exists(single + ".index.json"))
            LoadShards(single + ".index.json");
        else
            throw new CheckpointException($"'{Location}' holds no weights: expected {Path.GetFileName(single)} or {Path.GetFileName(single)}.index.json. "
                + "If the folder has .bin or .pth files, convert them to safetensors first: pickled files can run code when opened.");
        Shapes = _fileOf.ToDictionary(e => e.Key, e => e.Value.Shapes[e.Key], StringComparer.Ordinal);
    }

    private void LoadShards(string index)
    {
        foreach (var (shard, names) in ReadIndex(index))
        {
            if (shard != Path.GetFileName(shard))
                throw new CheckpointException($"'{index}' names the shard '{shard}', which is not a plain file name.");
            var path = Path.Combine(Location, shard);
            if (!File.Exists(path))
                throw new CheckpointException($"'{index}' names the shard '{shard}', which is not in the folder. Download it again.");
            Add(path, names);
        }
    }

    private static Dictionary<string, List<string>> ReadIndex(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(index));
            return document.RootElement.GetProperty("weight_map").EnumerateObject()
                .GroupBy(entry => entry.Value.GetString() ?? "", entry => entry.Name)
                .ToDictionary(shard => shard.Key, shard => shard.ToList());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CheckpointException($"'{index}' is not an index of shards (expected an object with weight_map): {e.Message} {BrokenDownload.Advice(index)}", e);
        }
    }

    private void Add(string path, List<string>? only)
    {
        var file = SafetensorsFile.Open(path);
        _files.Add(file);
        foreach (var name in only ?? [.. file.Shapes.Keys])
        {
            if (!file.Shapes.ContainsKey(name))
                throw new CheckpointException($"the index says that '{name}' is in '{path}'; it is not there.");
            if (!_fileOf.TryAdd(name, file))
                throw new CheckpointException($"the tensor '{name}' is named twice, in '{_fileOf[name].Location}' and in '{path}'; expected one place for each. Download the index again.");
        }
    }
}

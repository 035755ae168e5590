using System.Text.Json;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>Writes a model with a random start to disk, in the layout of published ones, without ever holding it: for tests of memory and speed at sizes whose weights are not at hand.</summary>
/// <param name="folder">The model's folder.</param>
/// <param name="stem">"model" for transformers, "diffusion_pytorch_model" for diffusers.</param>
/// <param name="type">Of the weights.</param>
/// <param name="seed">Every tensor has a stream of its own, made from this and its name.</param>
internal sealed class RandomCheckpoint(string folder, string stem, ScalarType type, long seed)
{
    private const long Piece = 1 << 24;

    /// <summary>The largest file, unless one tensor is larger; the limit of transformers.</summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>Hears of the numbers written since the last call.</summary>
    public Action<long>? Wrote { get; init; }

    /// <summary>Writes the files that are not there yet.</summary>
    public void Write(IReadOnlyList<WantedTensor> wanted, CancellationToken cancellationToken)
    {
        var shards = Shards([.. wanted.Select(tensor => Streamed(tensor, cancellationToken))]);
        var names = shards.Count == 1 ? [stem + ".safetensors"] : Enumerable.Range(1, shards.Count).Select(i => FormattableString.Invariant($"{stem}-{i:00000}-of-{shards.Count:00000}.safetensors")).ToList();
        foreach (var (name, shard) in names.Zip(shards))
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
                Wrote?.Invoke(shard.Sum(tensor => tensor.Bytes / SafetensorsHeader.SizeOf(type)));
            else
                SafetensorsWriter.Write(path, shard, new Dictionary<string, string> { ["format"] = "pt", ["made_by"] = FormattableString.Invariant($"random numbers, seed {seed}") });
        }
        if (shards.Count > 1)
            WriteIndex(names, shards);
    }

    /// <summary>In the order of asking, each file as full as it may be.</summary>
    private List<List<StreamedTensor>> Shards(IReadOnlyList<StreamedTensor> tensors)
    {
        var (shards, size) = (new List<List<StreamedTensor>> { new() }, 0L);
        foreach (var tensor in tensors)
        {
            if (size > 0 && size + tensor.Bytes > MaxShardBytes)
            {
                shards.Add([]);
                size = 0;
            }
            shards[^1].Add(tensor);
            size += tensor.Bytes;
        }
        return shards;
    }

    private StreamedTensor Streamed(WantedTensor wanted, CancellationToken cancellationToken) => new(wanted.Name, type, wanted.Shape, stream =>
    {
        using var generator = new Generator((ulong)ContentId.Seed(seed, wanted.Name));
        for (var left = wanted.Shape.Aggregate(1L, (count, size) => count * size); left > 0; left -= Piece)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            stream.Write(wanted.Start.Create([Math.Min(Piece, left)], generator).to(type).bytes);
            Wrote?.Invoke(Math.Min(Piece, left));
        }
    });

    private void WriteIndex(List<string> names, List<List<StreamedTensor>> shards) => AtomicFile.Write(Path.Combine(folder, stem + ".safetensors.index.json"), stream =>
    {
        using var json = new Utf8JsonWriter(stream, new() { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", shards.Sum(shard => shard.Sum(tensor => tensor.Bytes)));
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        foreach (var (name, shard) in names.Zip(shards))
        {
            foreach (var tensor in shard)
                json.WriteString(tensor.Name, name);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    });
}

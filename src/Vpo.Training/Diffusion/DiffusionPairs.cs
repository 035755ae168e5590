using System.Security.Cryptography;
using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>
/// Pairs of samples with their text, ready to train on: latents and prompt embeddings were computed once and lie in safetensors files, which are mapped, so only the
/// pairs of a batch come into memory.
/// </summary>
/// <remarks>
/// A file holds chosen and rejected [N, ...] (latents as the denoising model sees them), text [M, tokens, width], text_of int64 [N] (which text a pair has),
/// and may hold weights float32 [N], which multiply a pair's errors.
/// </remarks>
public sealed class DiffusionPairs : IDisposable
{
    private readonly List<Shard> _shards = [];

    private DiffusionPairs() { }

    /// <summary>Pairs in all files.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    /// <summary>Opens files, in the given order.</summary>
    /// <param name="files">Paths of files; at least one.</param>
    /// <exception cref="CheckpointException">A file is damaged, or is no file of pairs; the message names what is missing or misshapen.</exception>
    public static DiffusionPairs Open(IEnumerable<string> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var pairs = new DiffusionPairs();
        try
        {
            foreach (var file in files)
                pairs._shards.Add(Shard.Open(file));
            if (pairs.Count == 0)
                throw new ArgumentException("there are no pairs: expected at least one file with one pair.", nameof(files));
            return pairs;
        }
        catch
        {
            pairs.Dispose();
            throw;
        }
    }

    /// <summary>Lets go of the files.</summary>
    public void Dispose() => _shards.ForEach(shard => shard.Dispose());

    /// <summary>Preferred samples, then the others, with the text of each and the weight of each pair, float32.</summary>
    internal (Tensor Clean, Tensor Text, Tensor Weights) Batch(IReadOnlyList<int> rows, Device device)
    {
        using var scope = NewDisposeScope();
        var places = rows.Select(Find).ToList();
        Tensor Stack(Func<Shard, long, Tensor> part) => stack(places.Select(p => part(p.Shard, p.Row)).ToArray(), 0).to(ScalarType.Float32, device);
        var text = stack(places.Select(p => p.Shard.TextOf(p.Row)).ToArray(), 0).to(device);
        var clean = cat([Stack((shard, row) => shard.Chosen.select(0, row)), Stack((shard, row) => shard.Rejected.select(0, row))], 0);
        var weights = tensor(places.Select(p => p.Shard.WeightOf(p.Row)).ToArray(), device: device);
        return (clean.MoveToOuterDisposeScope(), cat([text, text], 0).MoveToOuterDisposeScope(), weights.MoveToOuterDisposeScope());
    }

    /// <summary>Of the headers, sizes and ends of all files: changes when any is exchanged.</summary>
    internal string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var shard in _shards)
            shard.AddTo(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private (Shard Shard, long Row) Find(int row)
    {
        foreach (var shard in _shards)
        {
            if (row < shard.Count)
                return (shard, row);
            row -= shard.Count;
        }
        throw new ArgumentOutOfRangeException(nameof(row));
    }

    private sealed class Shard : IDisposable
    {
        private readonly SafetensorsFile _file;
        private readonly Tensor _text;
        private readonly long[] _textOf;
        private readonly float[]? _weights;

        private Shard(SafetensorsFile file)
        {
            Require(file, "chosen", "rejected", "text", "text_of");
            (_file, Chosen, Rejected, _text) = (file, Read(file, "chosen"), Read(file, "rejected"), Read(file, "text"));
            using var scope = NewDisposeScope();
            _textOf = file.Read("text_of").data<long>().ToArray();
            _weights = file.Shapes.ContainsKey("weights") ? file.Read("weights").data<float>().ToArray() : null;
            Check();
        }

        public Tensor Chosen { get; }

        public Tensor Rejected { get; }

        public int Count => _textOf.Length;

        public static Shard Open(string path) => new(SafetensorsFile.Open(path));

        public Tensor TextOf(long row) => _text.select(0, _textOf[row]);

        public float WeightOf(long row) => _weights?[row] ?? 1;

        public void AddTo(IncrementalHash hash)
        {
            using var scope = NewDisposeScope();
            foreach (var tensor in ((Tensor[])[Chosen, Rejected, _text]).Where(t => t.shape[0] > 0))
            {
                using var last = tensor.select(0, tensor.shape[0] - 1).contiguous();
                hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Join(',', tensor.shape)));
                hash.AppendData(last.bytes);
            }
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_textOf.AsSpan()));
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes((_weights ?? []).AsSpan()));
        }

        public void Dispose()
        {
            foreach (var tensor in (Tensor[])[Chosen, Rejected, _text])
                tensor.Dispose();
            _file.Dispose();
        }

        private static Tensor Read(SafetensorsFile file, string name) => file.Read(name).DetachFromDisposeScope();

        private static void Require(SafetensorsFile file, params string[] names)
        {
            var missing = names.Where(name => !file.Shapes.ContainsKey(name)).ToList();
            if (missing.Count > 0)
                throw new CheckpointException($"'{file.Location}' is no file of pairs: it lacks {string.Join(", ", missing)}.");
        }

        private void Check()
        {
            if (!Chosen.shape.AsSpan().SequenceEqual(Rejected.shape) || Chosen.shape[0] != Count || (_weights is not null && _weights.Length != Count))
                throw new CheckpointException($"'{_file.Location}': chosen [{string.Join(", ", Chosen.shape)}], rejected [{string.Join(", ", Rejected.shape)}], text_of [{Count}] and weights do not fit together.");
            if (_textOf.Any(t => t < 0 || t >= _text.shape[0]))
                throw new CheckpointException($"'{_file.Location}': text_of must be 0 to {_text.shape[0] - 1}.");
        }
    }
}

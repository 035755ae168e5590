using Vpo.Models.Checkpoints;
using Vpo.Models.Native;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Writes a pipeline with random weights, in the layout of the published ones: what it makes is noise, but it needs their memory and time. Nothing is held in memory but pieces.</summary>
public sealed record RandomCogVideoX
{
    /// <summary>Says in the folder what it is.</summary>
    internal const string NoteFile = "RANDOM_WEIGHTS.txt";

    private const long Mega = 1_000_000;

    /// <summary>Sizes; the defaults are CogVideoX-2B's with its T5-XXL, 6.7 billion numbers.</summary>
    public CogVideoXConfig Config { get; init; } = new();

    /// <summary>Of the weights on disk.</summary>
    public ScalarType Type { get; init; } = ScalarType.BFloat16;

    /// <summary>Same seed, same files.</summary>
    public long Seed { get; init; }

    /// <summary>The text encoder's files are cut at this size, as published; 5 GB.</summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>Writes what is not there yet. Run again after it was stopped, it goes on with the file in which that happened.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="tokenizerFolder">A folder with spiece.model, which is copied. Its ids must be below the text encoder's vocabulary.</param>
    /// <param name="progress">Hears of millions of numbers.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <exception cref="CheckpointException">The tokenizer's folder is none, or the folder holds another pipeline.</exception>
    public void Write(string folder, string tokenizerFolder, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(tokenizerFolder);
        LibtorchLoader.EnsureLoaded();
        _ = T5Tokenizer.Open(tokenizerFolder);
        CheckEmpty(folder);
        AtomicFile.WriteText(Path.Combine(folder, NoteFile), Note);
        Config.Write(folder);
        foreach (var file in Directory.EnumerateFiles(tokenizerFolder))
            AtomicFile.Write(Path.Combine(folder, "tokenizer", Path.GetFileName(file)), stream => stream.Write(File.ReadAllBytes(file)));
        (string Part, string Stem, IReadOnlyList<WantedTensor> Wanted)[] parts =
        [
            ("text_encoder", "model", Weights.WantedBy(weights => new T5Encoder(Config.TextEncoder, weights))),
            ("transformer", "diffusion_pytorch_model", Weights.WantedBy(weights => new CogVideoXTransformer(Config.Transformer, weights))),
            ("vae", "diffusion_pytorch_model", Weights.WantedBy(weights => new CogVideoXAutoencoder(Config.Autoencoder, weights))),
        ];
        var pace = new Counter(progress, parts.Sum(part => part.Wanted.Sum(tensor => tensor.Shape.Aggregate(1L, (count, size) => count * size))));
        foreach (var (part, stem, wanted) in parts)
            new RandomCheckpoint(Path.Combine(folder, part), stem, Type, ContentId.Seed(Seed, part)) { MaxShardBytes = part == "text_encoder" ? MaxShardBytes : long.MaxValue, Wrote = pace.Add }.Write(wanted, cancellationToken);
    }

    private string Note => FormattableString.Invariant($"Random weights (seed {Seed}, {Type}) in the layout of CogVideoX, written to measure memory and time. What this makes is noise.\n{Config.Description}\n");

    /// <summary>A pipeline that somebody needs must not be overwritten, and files of another seed must not be mixed with these.</summary>
    private void CheckEmpty(string folder)
    {
        var note = Path.Combine(folder, NoteFile);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !(File.Exists(note) && File.ReadAllText(note) == Note))
            throw new CheckpointException($"'{folder}' holds other files; expected an empty folder, or one that was begun with the same sizes, type and seed.");
    }

    private sealed class Counter(IProgress<StageProgress>? progress, long total)
    {
        private long _done;

        public void Add(long numbers)
        {
            _done += numbers;
            progress?.Report(new("random weights, millions", (int)(_done / Mega), (int)(total / Mega), null));
        }
    }
}

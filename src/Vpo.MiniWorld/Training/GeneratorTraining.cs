using System.Security.Cryptography;
using Vpo.Models.Checkpoints;
using Vpo.Models.Native;
using Vpo.Storage;
using Vpo.Training;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>Trains a generator of the mini world from nothing and writes it as a folder of diffusers: what `vpo mini train-generator` runs.</summary>
/// <param name="recipe">How; null: the recipe of the shipped generator.</param>
/// <param name="time">For estimates of the time left; null takes the system's clock.</param>
/// <remarks>
/// Same recipe on the same kind of machine: same files, to the last bit, however many cores there are. Other processors round differently.
/// Two lanes of one thread each do the work.
/// </remarks>
public sealed class GeneratorTraining(GeneratorRecipe? recipe = null, TimeProvider? time = null)
{
    private const string ChecksumFile = "SHA256SUMS", LogFile = "training.log", Stem = "diffusion_pytorch_model.safetensors", Unfinished = "unfinished";

    private readonly GeneratorRecipe _recipe = recipe ?? new();
    private readonly TimeProvider _clock = time ?? TimeProvider.System;

    /// <summary>Trains and writes. A run that was cancelled goes on where it was, one that was killed at most 200 steps before; one that is done is left as it is.</summary>
    /// <param name="folder">Gets model_index.json, transformer, vae, text_encoder, tokenizer, scheduler, training.log and SHA256SUMS; until then a folder "unfinished".</param>
    /// <param name="autoencoderFolder">The folder of a generator whose autoencoder is used as it is; null trains a new one.</param>
    /// <param name="progress">Hears of every step; may be null.</param>
    /// <param name="cancellationToken">Ends training between two steps; what was done is kept.</param>
    /// <exception cref="RunMismatchException">The folder holds a generator of another recipe.</exception>
    public void Run(string folder, string? autoencoderFolder = null, IProgress<GeneratorProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        LibtorchLoader.EnsureLoaded();
        set_num_threads(1);
        var compute = ComputeProbe.FastestType(CPU);
        var log = new TrainingLog($"{_recipe.Description}; {Origin(autoencoderFolder)}; arithmetic {compute}");
        Directory.CreateDirectory(folder);
        if (IsDone(folder, log))
            return;
        using var alone = WriteLock.Take(Path.Combine(folder, LogFile));
        var states = new UnfinishedGenerator(Path.Combine(folder, Unfinished), log);
        Train(folder, autoencoderFolder, compute, new(_recipe, log, states, progress) { Clock = _clock, CancellationToken = cancellationToken });
        AtomicFile.WriteText(Path.Combine(folder, LogFile), log.Text);
        states.Delete();
        WriteChecksums(folder);
    }

    private void Train(string folder, string? autoencoderFolder, ScalarType compute, GeneratorRun run)
    {
        using var autoencoder = autoencoderFolder is null
            ? CogVideoXAutoencoder.Initialize(GeneratorRecipe.Autoencoder(1), _recipe.Seed, ScalarType.Float32, compute)
            : CogVideoXAutoencoder.Open(Path.Combine(autoencoderFolder, "vae"), ScalarType.Float32, compute);
        if (autoencoderFolder is null)
        {
            new AutoencoderTraining(autoencoder, run).Train();
            LatentWhitening.Apply(autoencoder, _recipe.Seed);
        }
        using var bank = LatentBank.Build(autoencoder, run);
        using var transformer = CogVideoXTransformer.Initialize(_recipe.Transformer(), _recipe.Seed, ScalarType.Float32, compute);
        using var text = T5Encoder.Initialize(GeneratorRecipe.TextEncoder(), _recipe.Seed, ScalarType.Float32, compute);
        new TransformerTraining(transformer, text, bank, run).Train();
        GeneratorConfigs.Write(folder, _recipe, bank.Scaling);
        Save(Path.Combine(folder, "vae", Stem), autoencoder);
        Save(Path.Combine(folder, "transformer", Stem), transformer);
        Save(Path.Combine(folder, "text_encoder", "model.safetensors"), text);
    }

    private static bool IsDone(string folder, TrainingLog log)
    {
        if (!File.Exists(Path.Combine(folder, ChecksumFile)))
            return false;
        UnfinishedGenerator.CheckSame(folder, File.ReadAllText(Path.Combine(folder, LogFile)), log.Text);
        return true;
    }

    private static string Origin(string? autoencoderFolder) => autoencoderFolder is null
        ? "an autoencoder of its own"
        : $"the autoencoder {Sum(Path.Combine(autoencoderFolder, "vae", Stem))}";

    private static void Save(string path, nn.Module module)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, module.named_parameters().Select(p => KeyValuePair.Create(p.name, p.parameter.detach().to(ScalarType.Float16))),
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>In the format of sha256sum, so that `sha256sum -c SHA256SUMS` checks the folder.</summary>
    private static void WriteChecksums(string folder)
    {
        var lines = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Where(name => name != ChecksumFile && !name.EndsWith(WriteLock.Extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => $"{Sum(Path.Combine(folder, name))}  {name}\n");
        AtomicFile.WriteText(Path.Combine(folder, ChecksumFile), string.Concat(lines));
    }

    private static string Sum(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}

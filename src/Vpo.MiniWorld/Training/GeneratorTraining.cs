using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vpo.Models.Checkpoints;
using Vpo.Models.Native;
using Vpo.Storage;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>Trains a generator of the mini world from nothing and writes it as a folder of diffusers: what `vpo mini train-generator` runs.</summary>
/// <param name="recipe">How; null: the recipe of the shipped generator.</param>
/// <param name="time">For estimates of the time left; null takes the system's clock.</param>
/// <remarks>Same recipe on the same machine: same weights. Other processors round differently. Uses the calling thread and one thread of products.</remarks>
public sealed class GeneratorTraining(GeneratorRecipe? recipe = null, TimeProvider? time = null)
{
    private const string ChecksumFile = "SHA256SUMS", LogFile = "training.log", Stem = "diffusion_pytorch_model.safetensors";
    private const int LogEvery = 100;

    private readonly GeneratorRecipe _recipe = recipe ?? new();
    private readonly TimeProvider _clock = time ?? TimeProvider.System;
    private readonly StringBuilder _log = new();

    /// <summary>Trains and writes.</summary>
    /// <param name="folder">Gets model_index.json, transformer, vae, text_encoder, tokenizer, scheduler, training.log and SHA256SUMS.</param>
    /// <param name="autoencoderFolder">The folder of a generator whose autoencoder is used as it is; null trains a new one.</param>
    /// <param name="progress">Hears of every step; may be null.</param>
    /// <param name="cancellationToken">Ends training between two steps; nothing is written then.</param>
    public void Run(string folder, string? autoencoderFolder = null, IProgress<GeneratorProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        LibtorchLoader.EnsureLoaded();
        set_num_threads(1);   // for tensors this small a second thread gains nothing, and loses much on a busy machine
        Directory.CreateDirectory(folder);
        var heard = new Both(progress, this);
        var compute = ComputeProbe.FastestType(CPU);
        Log(string.Create(CultureInfo.InvariantCulture, $"{_recipe}, arithmetic {compute}"));
        using var autoencoder = autoencoderFolder is null
            ? CogVideoXAutoencoder.Initialize(GeneratorRecipe.Autoencoder(1), _recipe.Seed, ScalarType.Float32, compute)
            : CogVideoXAutoencoder.Open(Path.Combine(autoencoderFolder, "vae"), ScalarType.Float32, compute);
        if (autoencoderFolder is null)
        {
            AutoencoderTraining.Train(autoencoder, _recipe, Stage("autoencoder", _recipe.AutoencoderSteps, heard), cancellationToken);
            LatentWhitening.Apply(autoencoder, _recipe.Seed);
        }
        using var bank = LatentBank.Build(autoencoder, _recipe, Stage("latents", _recipe.BankSize, heard), cancellationToken);
        using var transformer = CogVideoXTransformer.Initialize(_recipe.Transformer(), _recipe.Seed, ScalarType.Float32, compute);
        using var text = T5Encoder.Initialize(GeneratorRecipe.TextEncoder(), _recipe.Seed, ScalarType.Float32, compute);
        using (var training = new TransformerTraining(transformer, text, bank, _recipe.Seed))
            training.Train(_recipe, Stage("transformer", _recipe.TransformerSteps, heard), cancellationToken);
        GeneratorConfigs.Write(folder, _recipe, bank.Scaling);
        Save(Path.Combine(folder, "vae", Stem), autoencoder);
        Save(Path.Combine(folder, "transformer", Stem), transformer);
        Save(Path.Combine(folder, "text_encoder", "model.safetensors"), text);
        WriteText(Path.Combine(folder, LogFile), _log.ToString());
        WriteChecksums(folder);
    }

    private StageReport Stage(string name, int steps, IProgress<GeneratorProgress> heard) => new(name, steps, heard, _clock);

    private void Log(string line) => _log.Append(line).Append('\n');

    private static void Save(string path, nn.Module module)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, module.named_parameters().Select(p => KeyValuePair.Create(p.name, p.parameter.detach().to(ScalarType.Float16))),
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static void WriteText(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>In the format of sha256sum, so that `sha256sum -c SHA256SUMS` checks the folder.</summary>
    private static void WriteChecksums(string folder)
    {
        var lines = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Where(name => name != ChecksumFile).Order(StringComparer.Ordinal)
            .Select(name => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, name))))}  {name}\n");
        WriteText(Path.Combine(folder, ChecksumFile), string.Concat(lines));
    }

    /// <summary>Keeps every hundredth step for the log and passes all on.</summary>
    private sealed class Both(IProgress<GeneratorProgress>? inner, GeneratorTraining owner) : IProgress<GeneratorProgress>
    {
        private readonly long _start = owner._clock.GetTimestamp();

        public void Report(GeneratorProgress value)
        {
            if (value.Step % LogEvery == 0 || value.Step == value.TotalSteps)
            {
                var seconds = owner._clock.GetElapsedTime(_start).TotalSeconds;
                owner.Log(string.Create(CultureInfo.InvariantCulture, $"{seconds,7:0.0} s  {value.Stage} {value.Step}/{value.TotalSteps}  loss {value.Loss:0.0000}"));
            }
            inner?.Report(value);
        }
    }
}

using Vpo.Models.Checkpoints;
using Vpo.Models.Native;
using Vpo.Models.Tokenizers;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>Opens generators of the mini world: CogVideoX with small numbers, a text encoder that reads words, and clips of 32x32 pixels and nine frames.</summary>
public static class MiniGenerator
{
    private const int Steps = 8, BatchSize = 16, Lanes = 2;

    /// <summary>Opens the generator that is shipped in this library.</summary>
    /// <param name="cacheFolder">Where its files are unpacked; null: a folder of the user's application data.</param>
    public static IBatchVideoGenerator OpenShipped(string? cacheFolder = null) => Open(UnpackShipped(cacheFolder));

    /// <summary>Brings the files of the shipped generator to disk, in the layout of diffusers, and returns their folder.</summary>
    /// <param name="cacheFolder">Where; null: a folder of the user's application data.</param>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public static string UnpackShipped(string? cacheFolder = null) => ShippedGenerators.Unpack(ShippedGenerators.First, cacheFolder);

    /// <summary>Opens the second shipped generator, of another width and seed, for which no optimizer is trained. It has the first one's autoencoder.</summary>
    /// <param name="cacheFolder">Where its files are unpacked; null: a folder of the user's application data.</param>
    public static IBatchVideoGenerator OpenSecond(string? cacheFolder = null) =>
        Open(ShippedGenerators.Unpack(ShippedGenerators.Second, cacheFolder), UnpackShipped(cacheFolder));

    /// <summary>Opens a folder that <see cref="GeneratorTraining"/> wrote. Prompts that are too long lose their end.</summary>
    /// <param name="folder">A folder in the layout of diffusers.</param>
    /// <param name="autoencoderFolder">The folder whose "vae" is used; null: the same.</param>
    /// <exception cref="CheckpointException">Something is missing or damaged; the message names it.</exception>
    public static IBatchVideoGenerator Open(string folder, string? autoencoderFolder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        LibtorchLoader.EnsureLoaded();
        var type = ComputeProbe.FastestType(CPU);
        var tokenizer = TokenizerJson.Open(Path.Combine(folder, "tokenizer", "tokenizer.json"));
        var transformer = CogVideoXTransformer.Open(Path.Combine(folder, "transformer"), type);
        var length = (int)transformer.Config.MaxTextLength;
        IReadOnlyList<int> Tokenize(string prompt) => [.. tokenizer.Encode(string.Join(' ', Lexicon.Words(prompt))).Take(length - 1)];
        var text = new T5TextEncoder(T5Encoder.Open(Path.Combine(folder, "text_encoder"), type), Tokenize, length);
        var autoencoder = CogVideoXAutoencoder.Open(Path.Combine(autoencoderFolder ?? folder, "vae"), type);
        var schedule = new NoiseSchedule(NoiseScheduleConfig.Open(Path.Combine(folder, "scheduler", "scheduler_config.json")));
        return new CogVideoXGenerator(new CogVideoXPipeline(text, transformer, autoencoder, schedule), new()
        {
            ModelId = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            BatchSize = BatchSize,
            Lanes = Lanes,
            Steps = Steps,
            GuidanceScale = 1,
            Sampler = SamplerKind.Ddim,
            FramesPerSecond = Renderer.FramesPerSecond,
        });
    }
}

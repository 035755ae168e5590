using Vpo.Models.Checkpoints;
using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>A folder as diffusers publishes a pipeline.</summary>
internal static class CogVideoXFolder
{
    private const string DeviceVariable = "VPO_DEVICE";
    private static readonly string[] Parts = ["model_index.json", "transformer", "vae", "text_encoder", "tokenizer", "scheduler"];

    /// <summary>Configs and tokenizer first, which are quick to refuse, then the weights.</summary>
    public static CogVideoXPipeline Open(string folder, CogVideoXOptions options)
    {
        LibtorchLoader.EnsureLoaded();
        CheckParts(folder);
        string Part(string name, params string[] inside) => Path.Combine([name == "transformer" && options.TransformerFolder is { } other ? other : Path.Combine(folder, name), .. inside]);
        var schedule = new NoiseSchedule(NoiseScheduleConfig.Open(Part("scheduler", "scheduler_config.json")));
        var transformer = TransformerConfig.Open(Part("transformer", "config.json"));
        var (autoencoder, text) = (AutoencoderConfig.Open(Part("vae", "config.json")), T5Config.Open(Part("text_encoder", "config.json")));
        if (text.Width != transformer.TextWidth)
            throw new CheckpointException($"'{folder}': the text encoder is {text.Width} wide, the transformer expects {transformer.TextWidth}; the parts do not belong together.");
        var tokenizer = T5Tokenizer.Open(Part("tokenizer"));
        var device = DeviceFor(options);
        var type = options.Type ?? StoredType(Part("transformer"), device);
        T5TextEncoder OpenText() => new(T5Encoder.Open(Part("text_encoder"), type, device: device), tokenizer.Encode, (int)transformer.MaxTextLength, options.TruncatesPrompts);
        CogVideoXTransformer OpenTransformer() => CogVideoXFolder.OpenTransformer(Part("transformer"), type, device, options);
        CogVideoXAutoencoder OpenAutoencoder() => CogVideoXAutoencoder.Open(Part("vae"), type, device: device);
        ITextEncoder Text() => new CachingTextEncoder(OpenText, options.CachedPrompts, options.Offload != Offload.None);
        if (options.Offload != Offload.InOrder)
            return new(Text(), OpenTransformer(), OpenAutoencoder(), schedule);
        CheckWeights(Part("transformer"), Part("vae"));
        return new(Text(), (transformer, new(OpenTransformer)), (autoencoder, new(OpenAutoencoder)), schedule);
    }

    /// <summary>Damaged or missing weights are told at once, not when their turn comes; mapping them costs nothing.</summary>
    private static void CheckWeights(string transformer, string autoencoder)
    {
        CogVideoXTransformer.Open(transformer).Dispose();
        CogVideoXAutoencoder.Open(autoencoder).Dispose();
    }

    /// <summary>The adapter goes into the weights, so it costs no step anything.</summary>
    private static CogVideoXTransformer OpenTransformer(string folder, ScalarType type, Device device, CogVideoXOptions options)
    {
        var transformer = CogVideoXTransformer.Open(folder, type, device: device);
        if (options.Lora is not null)
        {
            var adapter = CogVideoXLora.Open(transformer, options.Lora);
            adapter.Strength = options.LoraStrength;
            adapter.Merge();
        }
        return transformer;
    }

    private static Device DeviceFor(CogVideoXOptions options) =>
        (options.Device ?? Environment.GetEnvironmentVariable(DeviceVariable)) is { Length: > 0 } name ? TorchSharp.torch.device(name) : CPU;

    /// <summary>The transformer's type decides for all parts, as in the reference. float16 arithmetic is slow on CPUs, so it is widened there.</summary>
    internal static ScalarType StoredType(string folder, Device device)
    {
        using var checkpoint = CheckpointFolder.Open(folder, "diffusion_pytorch_model");
        using var first = checkpoint.Read(checkpoint.Shapes.Keys.First());
        return first.dtype == ScalarType.Float16 && device.type == TorchSharp.DeviceType.CPU ? ComputeProbe.FastestType(device) : first.dtype;
    }

    private static void CheckParts(string folder)
    {
        if (!Directory.Exists(folder))
            throw new CheckpointException($"the folder '{folder}' does not exist.");
        var missing = Parts.Where(part => !Path.Exists(Path.Combine(folder, part))).ToList();
        if (missing.Count > 0)
            throw new CheckpointException($"'{folder}' is not a complete CogVideoX folder, it lacks {string.Join(", ", missing)}. Download the whole repository of the model.");
        var index = ConfigReader.Open(Path.Combine(folder, Parts[0]));
        if (index.Text("_class_name") is var kind && kind is not ("CogVideoXPipeline" or "CogVideoXImageToVideoPipeline"))
            throw new CheckpointException($"'{index.Location}': _class_name '{kind}' is not supported; expected 'CogVideoXPipeline'.");
    }
}

using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>What one part of a run costs.</summary>
/// <param name="Name">"text encoder", "transformer" or "decoder".</param>
/// <param name="Flops">Floating-point operations for the whole batch.</param>
/// <param name="Time">At the rate of the plan, with the first reading of the weights.</param>
/// <param name="WeightBytes">Weights in the type of the run.</param>
/// <param name="WorkingBytes">Held at once beside the weights.</param>
public sealed record PlannedPart(string Name, double Flops, TimeSpan Time, long WeightBytes, long WorkingBytes);

/// <summary>What a request needs in time and memory, computed from the configurations alone: no weight is read.</summary>
public sealed record GenerationPlan
{
    private const long ProcessBytes = 150_000_000;   // of .NET and libtorch before any model is opened

    /// <summary>In the order in which they run.</summary>
    public required IReadOnlyList<PlannedPart> Parts { get; init; }

    /// <summary>Size of the videos.</summary>
    public required VideoShape Shape { get; init; }

    /// <summary>Tokens of one video, text included.</summary>
    public required long Tokens { get; init; }

    /// <summary>The type of the arithmetic.</summary>
    public required ScalarType Type { get; init; }

    /// <summary>Most bytes at once. Weights that are mapped from files of the same type can be taken out of memory by the system at need, so less may do.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Of all parts; an estimate from what was measured in a few seconds.</summary>
    public TimeSpan Time => Parts.Aggregate(TimeSpan.Zero, (sum, part) => sum + part.Time);

    /// <summary>Plans a batch.</summary>
    /// <param name="folder">A diffusers folder.</param>
    /// <param name="options">How the generator is opened; null: the defaults.</param>
    /// <param name="video">What is asked of it; null: the model's usual size.</param>
    /// <param name="rates">Of the machine; null measures this one, which takes a few seconds.</param>
    /// <exception cref="ArgumentException">The model can't make this size, number of frames or steps; the message names the nearest that it can.</exception>
    public static GenerationPlan Of(string folder, CogVideoXOptions? options = null, VideoOptions? video = null, PlanRates? rates = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var (chosen, asked) = ((options ?? new()).Checked(), video ?? new());
        var transformer = TransformerConfig.Open(Path.Combine(folder, "transformer", "config.json"));
        var autoencoder = AutoencoderConfig.Open(Path.Combine(folder, "vae", "config.json"));
        var text = T5Config.Open(Path.Combine(folder, "text_encoder", "config.json"));
        var schedule = new NoiseSchedule(NoiseScheduleConfig.Open(Path.Combine(folder, "scheduler", "scheduler_config.json")));
        var usual = chosen.Shape ?? VideoShape.Default(transformer, autoencoder);
        var shape = new VideoShape(asked.FrameCount ?? usual.Frames, asked.Height ?? usual.Height, asked.Width ?? usual.Width);
        shape.Check(transformer, autoencoder);
        shape.CheckFrames(autoencoder);
        var steps = schedule.Timesteps(asked.Steps ?? chosen.Steps).Count;
        var passes = (asked.GuidanceScale ?? chosen.GuidanceScale) > 1 ? 2 : 1;
        var type = chosen.Type ?? CogVideoXFolder.StoredType(Path.Combine(folder, "transformer"), CPU);
        var config = new CogVideoXConfig { Transformer = transformer, Autoencoder = autoencoder, TextEncoder = text };
        var request = new Request(folder, chosen, config, shape, steps, passes);
        return Of(request, type, rates ?? PlanRates.Measure(config, request.Tokens, type, WeightFiles(folder)));
    }

    private static GenerationPlan Of(Request asked, ScalarType type, PlanRates rates)
    {
        var (bytes, config, latents) = (type == ScalarType.Float32 ? 4 : 2, asked.Config, asked.Latents);
        var (batch, together) = (asked.Options.BatchSize, asked.Options.BatchSize * (asked.Options.SplitsGuidance ? 1 : asked.Passes));
        var (texts, tokens) = (batch * asked.Passes, asked.Tokens);
        PlannedPart Part(string name, string place, (double Flops, double Rate) work, long working)
        {
            var weights = Weights(Path.Combine(asked.Folder, place), bytes);
            return new(name, work.Flops, TimeSpan.FromSeconds(work.Flops / work.Rate + weights / rates.Reading), weights, working);
        }
        PlannedPart[] parts =
        [
            Part("text encoder", "text_encoder", (texts * Work.Text(config.TextEncoder, config.Transformer.MaxTextLength), rates.Text), Work.TextBytes(config.TextEncoder, config.Transformer.MaxTextLength, texts, bytes)),
            Part("transformer", "transformer", ((double)texts * asked.Steps * Work.Transformer(config.Transformer, tokens), rates.Transformer), Work.TransformerBytes(config.Transformer, tokens, together, bytes)),
            Part("decoder", "vae", (batch * Work.Decode(config.Autoencoder, latents[1], latents[3], latents[4]), rates.Decoder), batch * Work.DecodeBytes(config.Autoencoder, latents[3], latents[4], bytes)),
        ];
        return new() { Parts = parts, Shape = asked.Shape, Tokens = tokens, Type = type, PeakBytes = Peak(parts, asked.Options.Offload) };
    }

    private static List<string> WeightFiles(string folder) =>
        [.. new[] { "text_encoder", "transformer", "vae" }.SelectMany(part => Directory.EnumerateFiles(Path.Combine(folder, part), "*.safetensors"))];

    /// <summary>The dearest moment: each part with what it works with, beside the parts that are open then.</summary>
    private static long Peak(PlannedPart[] parts, Offload offload)
    {
        bool IsOpen(int part, int moment) => part == moment || offload == Offload.None || (offload == Offload.TextEncoder && part > 0);
        return ProcessBytes + Enumerable.Range(0, parts.Length).Max(moment => parts[moment].WorkingBytes + parts.Where((_, part) => IsOpen(part, moment)).Sum(part => part.WeightBytes));
    }

    /// <summary>From the headers of the files.</summary>
    private static long Weights(string folder, int bytes)
    {
        var stem = File.Exists(Path.Combine(folder, "model.safetensors")) || File.Exists(Path.Combine(folder, "model.safetensors.index.json")) ? "model" : "diffusion_pytorch_model";
        using var checkpoint = CheckpointFolder.Open(folder, stem);
        return checkpoint.Shapes.Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size)) * bytes;
    }

    private sealed record Request(string Folder, CogVideoXOptions Options, CogVideoXConfig Config, VideoShape Shape, int Steps, int Passes)
    {
        /// <summary>Of one video.</summary>
        public long[] Latents => Shape.Latents(1, Config.Transformer, Config.Autoencoder);

        /// <summary>Of one video, text included.</summary>
        public long Tokens => Config.Transformer.MaxTextLength + Latents[1] / (Config.Transformer.FramePatch ?? 1) * (Latents[3] / Config.Transformer.Patch) * (Latents[4] / Config.Transformer.Patch);
    }
}

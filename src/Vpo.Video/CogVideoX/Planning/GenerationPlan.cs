using Vpo.Models.Checkpoints;
using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>What one part of a run costs.</summary>
/// <param name="Name">"text encoder", "transformer" or "decoder".</param>
/// <param name="Flops">Floating-point operations for the whole batch.</param>
/// <param name="Time">At the rate of the plan.</param>
/// <param name="WeightBytes">Weights in the type of the run.</param>
/// <param name="WorkingBytes">Held at once beside the weights.</param>
public sealed record PlannedPart(string Name, double Flops, TimeSpan Time, long WeightBytes, long WorkingBytes);

/// <summary>What a request needs in time and memory, computed from the configurations alone: no weight is read.</summary>
public sealed record GenerationPlan
{
    private const double TransformerShare = 0.6, DecoderShare = 0.6;   // of the probe's rate: a guess below what blocks and decoder reach alone (docs/experiments.md)

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

    /// <summary>Of all parts; an estimate from the measured rate of matrix products.</summary>
    public TimeSpan Time => Parts.Aggregate(TimeSpan.Zero, (sum, part) => sum + part.Time);

    /// <summary>Plans a batch.</summary>
    /// <param name="folder">A diffusers folder.</param>
    /// <param name="options">How the generator is opened; null: the defaults.</param>
    /// <param name="video">What is asked of it; null: the model's usual size.</param>
    /// <param name="rate">Operations a second that products reach; null measures this machine (50 ms).</param>
    /// <exception cref="ArgumentException">The model can't make this size, number of frames or steps; the message names the nearest that it can.</exception>
    public static GenerationPlan Of(string folder, CogVideoXOptions? options = null, VideoOptions? video = null, double? rate = null)
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
        return Of(new(folder, chosen, transformer, autoencoder, text, shape, steps, passes), type, rate ?? 1e9 * ComputeProbe.Rates[type == ScalarType.Float32 ? type : ScalarType.BFloat16]);
    }

    private static GenerationPlan Of(Request asked, ScalarType type, double rate)
    {
        var bytes = type == ScalarType.Float32 ? 4 : 2;
        long[] latents = asked.Shape.Latents(1, asked.Transformer, asked.Autoencoder);
        var tokens = asked.Transformer.MaxTextLength + latents[1] / (asked.Transformer.FramePatch ?? 1) * (latents[3] / asked.Transformer.Patch) * (latents[4] / asked.Transformer.Patch);
        var (batch, together) = (asked.Options.BatchSize, asked.Options.BatchSize * (asked.Options.SplitsGuidance ? 1 : asked.Passes));
        PlannedPart Part(string name, string place, double flops, double share, long working) =>
            new(name, flops, TimeSpan.FromSeconds(flops / (rate * share)), Weights(Path.Combine(asked.Folder, place), bytes), working);
        PlannedPart[] parts =
        [
            Part("text encoder", "text_encoder", batch * asked.Passes * Work.Text(asked.Text, asked.Transformer.MaxTextLength), TransformerShare, 8 * batch * asked.Passes * asked.Transformer.MaxTextLength * asked.Text.FeedForwardWidth * bytes),
            Part("transformer", "transformer", (double)batch * asked.Passes * asked.Steps * Work.Transformer(asked.Transformer, tokens), TransformerShare, Work.TransformerBytes(asked.Transformer, tokens, together, bytes)),
            Part("decoder", "vae", batch * Work.Decode(asked.Autoencoder, latents[1], latents[3], latents[4]), DecoderShare, batch * Work.DecodeBytes(asked.Autoencoder, latents[3], latents[4], bytes)),
        ];
        return new() { Parts = parts, Shape = asked.Shape, Tokens = tokens, Type = type, PeakBytes = Peak(parts, asked.Options.Offload) };
    }

    /// <summary>The dearest moment: each part with what it works with, beside the parts that are open then.</summary>
    private static long Peak(PlannedPart[] parts, Offload offload)
    {
        bool IsOpen(int part, int moment) => part == moment || offload == Offload.None || (offload == Offload.TextEncoder && part > 0);
        return Enumerable.Range(0, parts.Length).Max(moment => parts[moment].WorkingBytes + parts.Where((_, part) => IsOpen(part, moment)).Sum(part => part.WeightBytes));
    }

    /// <summary>From the headers of the files.</summary>
    private static long Weights(string folder, int bytes)
    {
        var stem = File.Exists(Path.Combine(folder, "model.safetensors")) || File.Exists(Path.Combine(folder, "model.safetensors.index.json")) ? "model" : "diffusion_pytorch_model";
        using var checkpoint = CheckpointFolder.Open(folder, stem);
        return checkpoint.Shapes.Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size)) * bytes;
    }

    private sealed record Request(
        string Folder, CogVideoXOptions Options, TransformerConfig Transformer, AutoencoderConfig Autoencoder, T5Config Text, VideoShape Shape, int Steps, int Passes);
}

using Vpo.Models.Lora;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class GenerationPlanTests
{
    private static string Published => Path.Combine(Repository.Root, "tests", "golden", "cogvideox_pipeline", "2b_ddim", "model");

    private static readonly PlanRates Slow = new(1e9, 1e9, 1e9, 1e9);

    /// <summary>Against the run in docs/experiments.md: 9 frames of 352x240, one part open at a time; the peak was 9.06 GiB, and 2.5 GB of anonymous memory in the decoder.</summary>
    [Fact]
    public void Bytes_Of2B_AreThoseOfTheMeasuredRun()
    {
        var (text, transformer) = (new T5Config(), new TransformerConfig { Heads = 30, HeadDim = 64, Layers = 30 });
        Assert.InRange(Work.TextBytes(text, 226, 2, 2), 60e6, 280e6);
        Assert.InRange(Work.TransformerBytes(transformer, 1216, 2, 2), 0.35e9, 0.7e9);
        Assert.InRange(Work.DecodeBytes(new(), 30, 44, 2), 1.9e9, 2.5e9);
    }

    [Fact]
    public void Measure_SmallModel_GivesRatesOfThisMachine()
    {
        var rates = PlanRates.Measure(new() { Transformer = Tiny.Transformer, Autoencoder = Tiny.Autoencoder, TextEncoder = Tiny.Text }, 20, float32, [Path.Combine(Published, "vae", "diffusion_pytorch_model.safetensors")]);
        Assert.All((double[])[rates.Text, rates.Transformer, rates.Decoder, rates.Reading], rate => Assert.InRange(rate, 1e3, 1e15));
    }

    /// <summary>A first odd frame is not doubled: three latents are nine frames, not twelve.</summary>
    [Fact]
    public void Work_OddLatents_CountsTheFramesThatComeOut() =>
        Assert.Equal(9.0 / 8, Work.Decode(new() { Widths = [128, 128, 128] }, 3, 8, 8) / Work.Decode(new() { Widths = [128, 128, 128] }, 2, 8, 8), 0.05);

    [Fact]
    public void Work_Of2B_IsWhatThePublishedShapesNeed()
    {
        var transformer = new TransformerConfig { Heads = 30, HeadDim = 64, Layers = 30 };
        Assert.InRange(Work.Transformer(transformer, 17_776) / 1e12, 119, 121);   // notes: 120 TFLOP a pass at 480x720x49
        Assert.InRange(Work.Decode(new(), 13, 60, 90) / 1e15, 0.28, 0.38);        // and a third of a PFLOP to decode
    }

    [Fact]
    public void Of_Folder_AddsUpPartsAndKnowsWhatReleaseSaves()
    {
        var whole = GenerationPlan.Of(Published, new() { Steps = 4, Shape = new(9, 16, 48) }, rates: Slow);
        Assert.Equal(["text encoder", "transformer", "decoder"], whole.Parts.Select(part => part.Name));
        Assert.All(whole.Parts, part => Assert.True(part is { Flops: > 0, WeightBytes: > 0, WorkingBytes: > 0 } && part.Time > TimeSpan.Zero, part.Name));
        var released = GenerationPlan.Of(Published, new() { Steps = 4, Shape = new(9, 16, 48), Offload = Offload.TextEncoder, SplitsGuidance = true }, rates: Slow);
        Assert.True(released.PeakBytes <= whole.PeakBytes);
        var unguided = GenerationPlan.Of(Published, new() { Steps = 4, Shape = new(9, 16, 48) }, new() { GuidanceScale = 1 }, rates: Slow);
        Assert.Equal(whole.Parts[1].Flops, 2 * unguided.Parts[1].Flops, 1e-6 * whole.Parts[1].Flops);
    }

    [Theory]
    [InlineData(50, 16, 9, "width must be a multiple of")]
    [InlineData(48, 16, 12, "9 or 16 are the nearest")]
    public void Of_ImpossibleRequest_IsRefusedWithTheNearest(int width, int height, int frames, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => GenerationPlan.Of(Published, null, new() { Width = width, Height = height, FrameCount = frames }, Slow)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Open_LoraStrengthAndReleasedTextEncoder_GiveTheExpectedClips()
    {
        var folder = Directory.CreateTempSubdirectory("vpo-lora-").FullName;
        try
        {
            using (var transformer = CogVideoXTransformer.Open(Path.Combine(Published, "transformer"), float32))
            using (var lora = CogVideoXLora.Create(transformer, new() { Rank = 2, Alpha = 2, Targets = CogVideoXLora.AttentionTargets }, 1))
            {
                using var quiet = no_grad();
                foreach (var (name, value) in lora.Parameters.Where(p => p.Name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
                    value.fill_(0.3f);
                lora.Save(folder);
            }
            async Task<byte[]> Clip(CogVideoXOptions options)
            {
                using var generator = CogVideoXGenerator.Open(Published, options with { Steps = 2, Shape = new(9, 16, 48) });
                _ = await generator.GenerateAsync(new("something else"));
                return (await generator.GenerateAsync(new("a red ball") { Seed = 3 })).Frames.ToArray();
            }
            var plain = await Clip(new());
            Assert.Equal(plain, await Clip(new() { Offload = Offload.TextEncoder, CachedPrompts = 0 }));
            Assert.Equal(plain, await Clip(new() { Lora = folder, LoraStrength = 0 }));
            Assert.NotEqual(plain, await Clip(new() { Lora = folder }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

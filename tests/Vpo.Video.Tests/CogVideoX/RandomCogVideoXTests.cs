using Vpo.Models.Checkpoints;
using Vpo.Storage;
using Vpo.Video.CogVideoX;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class RandomCogVideoXTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-random-").FullName;

    private static string Tokenizer => Path.Combine(Repository.Root, "tests", "golden", "cogvideox_pipeline", "2b_ddim", "model", "tokenizer");

    private static RandomCogVideoX Small => new()
    {
        Config = new() { Transformer = Tiny.Transformer, Autoencoder = Tiny.Autoencoder, TextEncoder = Tiny.Text with { VocabularySize = 2000 } },
        MaxShardBytes = 20_000,
        Seed = 7,
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    [Fact]
    public async Task Write_SmallSizes_OpensAndGeneratesAndIsTheSameAgainAfterAStop()
    {
        Small.Write(In("whole"), Tokenizer);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Small.Write(In("stopped"), Tokenizer, new Stopping(stop), stop.Token));
        Assert.False(Directory.Exists(In("stopped/vae")) && File.Exists(In("stopped/vae/diffusion_pytorch_model.safetensors")));
        Small.Write(In("stopped"), Tokenizer);
        var files = Directory.EnumerateFiles(In("whole"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(In("whole"), file)).Order().ToList();
        Assert.True(files.Count(file => file.StartsWith("text_encoder/model-0", StringComparison.Ordinal)) > 1);
        Assert.Equal(files, Directory.EnumerateFiles(In("stopped"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(In("stopped"), file)).Order());
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(In("whole"), file)), File.ReadAllBytes(Path.Combine(In("stopped"), file))));
        using var generator = CogVideoXGenerator.Open(In("whole"), new() { Steps = 2 });
        var clip = await generator.GenerateAsync(new("a dog"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(clip.Frames.ToArray().Distinct().Count() > 10);
    }

    [Fact]
    public void Write_OtherSeedOrForeignFolder_IsRefused()
    {
        Small.Write(In("mine"), Tokenizer);
        Assert.Contains("same sizes, type and seed", Assert.Throws<CheckpointException>(() => (Small with { Seed = 8 }).Write(In("mine"), Tokenizer)).Message, StringComparison.Ordinal);
        AtomicFile.WriteText(In("other/model_index.json"), "{}");
        Assert.Throws<CheckpointException>(() => Small.Write(In("other"), Tokenizer));
        Assert.Equal("{}", File.ReadAllText(In("other/model_index.json")));
    }

    [Fact]
    public void Config_WrittenAndRead_IsTheSameForEveryPublishedModel()
    {
        var large = new TransformerConfig { Heads = 48, HeadDim = 64, Layers = 42, Rotary = true };
        var later = large with { FramePatch = 2, PatchBias = false, SampleFrames = 81 };
        CogVideoXConfig[] configs =
        [
            new(),
            new() { Transformer = large, Schedule = new() { SnrShift = 1, Sampler = SamplerKind.Dpm } },
            new() { Transformer = large with { InChannels = 32, LearnedPositions = true }, Autoencoder = new() { ScalingFactor = 0.7 } },
            new() { Transformer = later, Autoencoder = new() { InvertScale = true } },
            new() { Transformer = later with { InChannels = 32, OfsWidth = 512 }, Schedule = new() { Spacing = TimestepSpacing.Linspace, ScaledLinear = false } },
        ];
        foreach (var config in configs)
        {
            config.Write(_folder);
            Assert.Equal(config.Transformer, TransformerConfig.Open(In("transformer/config.json")));
            Assert.Equivalent(config.Autoencoder, AutoencoderConfig.Open(In("vae/config.json")), strict: true);
            Assert.Equal(config.TextEncoder, T5Config.Open(In("text_encoder/config.json")));
            Assert.Equal(config.Schedule, NoiseScheduleConfig.Open(In("scheduler/scheduler_config.json")));
        }
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<StageProgress>
    {
        private int _left = 40;

        public void Report(StageProgress value)
        {
            if (--_left == 0)
                stop.Cancel();
        }
    }
}

using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class OffloadTests
{
    private static string Published => Path.Combine(Repository.Root, "tests", "golden", "cogvideox_pipeline", "2b_ddim", "model");

    private static CogVideoXGenerator Open(Offload offload) => CogVideoXGenerator.Open(Published, new() { Offload = offload, Steps = 2, Shape = new(9, 16, 48), CachedPrompts = 0 });

    private sealed class Listener(Action<VideoProgress> act) : IProgress<VideoProgress>
    {
        public void Report(VideoProgress value) => act(value);
    }

    [Fact]
    public async Task Generate_InOrder_OpensOnePartAtATimeAndGivesTheSameClips()
    {
        using var plain = Open(Offload.None);
        using var offloaded = Open(Offload.InOrder);
        var (pipeline, text) = (offloaded.Pipeline, (CachingTextEncoder)offloaded.Pipeline.Text);
        var heard = new List<(string Status, bool Text, bool Transformer, bool Autoencoder)>();
        var listener = new Listener(p => heard.Add((p.Status, text.IsOpen, pipeline.Open.Transformer, pipeline.Open.Autoencoder)));
        foreach (var request in new[] { new VideoRequest("a red ball") { Seed = 3 }, new("a dog") { Seed = 4, NegativePrompt = "rain" } })
        {
            heard.Clear();
            var clip = await offloaded.GenerateAsync(request, null, listener, TestContext.Current.CancellationToken);
            Assert.Equal((await plain.GenerateAsync(request, cancellationToken: TestContext.Current.CancellationToken)).Frames.ToArray(), clip.Frames.ToArray());
            Assert.Equal(
                [("encoding text", true, false, false), ("denoising", false, true, false), ("denoising", false, true, false), ("decoding", false, false, false)],
                heard);
            Assert.Equal((false, (false, false)), (text.IsOpen, pipeline.Open));
        }
    }

    [Fact]
    public void Use_TwoAtOnce_ClosesWhenTheLastHasEnded()
    {
        var opened = 0;
        using var part = new Part<nn.Module>(() =>
        {
            opened++;
            return nn.Identity();
        });
        part.Use(_ => part.Use(_ => 0) + (part.IsOpen ? 1 : throw new InvalidOperationException("closed under the first user")));
        Assert.False(part.IsOpen);
        part.Use(_ => 0);
        Assert.Equal(2, opened);
    }

    /// <summary>A step of a large model takes half a minute: cancelling must not wait for its end.</summary>
    [Fact]
    public void Cancelled_InsideAStepTextEncodingOrDecoding_EndsBetweenBlocks()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        using var pipeline = Tiny.Pipeline();
        var stopped = new CancellationToken(canceled: true);
        using var denoiser = new Denoiser(pipeline.Transformer, new() { Prompts = ["a"], Noise = new SeededNoise([1]) }, zeros([2, Tiny.TextLength, 16], device: Golden.Device), null);
        var latents = zeros([1, 3, 4, 4, 4], device: Golden.Device);
        Assert.Throws<OperationCanceledException>(() => denoiser.Velocity(latents, 999, stopped));
        Assert.Throws<OperationCanceledException>(() => pipeline.Text.Encode(["a"], stopped));
        Assert.Throws<OperationCanceledException>(() => pipeline.Autoencoder.Decode(latents.transpose(1, 2), cancellationToken: stopped));
        Assert.Equal(latents.shape, denoiser.Velocity(latents, 999, default).shape);
    }
}

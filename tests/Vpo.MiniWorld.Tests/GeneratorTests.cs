namespace Vpo.MiniWorld.Tests;

public class GeneratorTests
{
    [Fact]
    public async Task Training_AFewSteps_WritesAFolderThatGenerates()
    {
        using var folder = new TemporaryFolder();
        var heard = new List<GeneratorProgress>();
        new GeneratorTraining(GeneratorRecipe.Smoke).Run(folder["first"], null, new Heard(heard));
        new GeneratorTraining(GeneratorRecipe.Smoke with { Seed = 2, Width = 32 }).Run(folder["second"], folder["first"]);
        Assert.Equal(["autoencoder", "latents", "transformer"], heard.Select(p => p.Stage).Distinct());
        Assert.Equal(File.ReadAllBytes(folder["first/vae/diffusion_pytorch_model.safetensors"]), File.ReadAllBytes(folder["second/vae/diffusion_pytorch_model.safetensors"]));
        Assert.Contains("transformer/config.json", File.ReadAllText(folder["first/SHA256SUMS"]));
        using var generator = MiniGenerator.Open(folder["first"]);
        var long_ = string.Join(' ', Enumerable.Repeat("red unknown circle", 30));
        var clips = await generator.GenerateBatchAsync([new("a red circle") { Seed = 1 }, new(long_) { Seed = 2 }]);
        Assert.All(clips, clip => Assert.Equal((32, 32, 9), (clip.Width, clip.Height, clip.FrameCount)));
        var again = await generator.GenerateAsync(new("a red circle") { Seed = 1 });
        Assert.Equal(clips[0].Frames.ToArray(), again.Frames.ToArray());
    }

    [Fact]
    public void Training_Cancelled_WritesNothing()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var stopAtOnce = new Heard([], stop.Cancel);
        Assert.Throws<OperationCanceledException>(() => new GeneratorTraining(GeneratorRecipe.Smoke).Run(folder["g"], null, stopAtOnce, stop.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["g"]));
    }

    private sealed class Heard(List<GeneratorProgress> all, Action? then = null) : IProgress<GeneratorProgress>
    {
        public void Report(GeneratorProgress value)
        {
            all.Add(value);
            then?.Invoke();
        }
    }
}

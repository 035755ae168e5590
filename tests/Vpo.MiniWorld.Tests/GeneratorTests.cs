using Vpo.Training;

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
    public void Training_CancelledInEachStageAndRunAgain_WritesTheFilesOfAnUnbrokenRun()
    {
        using var folder = new TemporaryFolder();
        var recipe = GeneratorRecipe.Smoke with { Width = 32 };
        new GeneratorTraining(recipe).Run(folder["unbroken"]);
        foreach (var (stage, step) in (ValueTuple<string, int>[])[("autoencoder", 2), ("latents", 64), ("transformer", 1)])
        {
            using var stop = new CancellationTokenSource();
            var stopThere = new Heard([], p => (p.Stage == stage && p.Step == step ? stop : null)?.Cancel());
            Assert.ThrowsAny<OperationCanceledException>(() => new GeneratorTraining(recipe).Run(folder["broken"], null, stopThere, stop.Token));
            Assert.Equal(["unfinished"], Directory.EnumerateFileSystemEntries(folder["broken"]).Select(Path.GetFileName));
        }
        new GeneratorTraining(recipe).Run(folder["broken"]);
        Assert.Equal(File.ReadAllText(folder["unbroken/SHA256SUMS"]), File.ReadAllText(folder["broken/SHA256SUMS"]));
        Assert.False(Directory.Exists(folder["broken/unfinished"]));
    }

    [Fact]
    public void Training_AFolderOfAnotherRecipe_IsRefusedAndOneThatIsDoneIsLeft()
    {
        using var folder = new TemporaryFolder();
        var recipe = GeneratorRecipe.Smoke with { Width = 32, AutoencoderSteps = 1, TransformerSteps = 1 };
        new GeneratorTraining(recipe).Run(folder["g"]);
        var heard = new List<GeneratorProgress>();
        new GeneratorTraining(recipe).Run(folder["g"], null, new Heard(heard));
        Assert.Empty(heard);
        var e = Assert.Throws<RunMismatchException>(() => new GeneratorTraining(recipe with { Seed = 9 }).Run(folder["g"]));
        Assert.Contains("seed 9", e.Message);
    }

    [Theory]
    [InlineData(false, 0.85)]
    [InlineData(true, 0.75)]
    public async Task Shipped_DetailedCaptions_AreShownAndShortOnesLessWell(bool second, double least)
    {
        using var cache = new TemporaryFolder();
        using var generator = second ? MiniGenerator.OpenSecond(cache.Path) : MiniGenerator.OpenShipped(cache.Path);
        var random = new Random(41);
        var scenes = Enumerable.Range(0, 96).Select(_ => Scene.Draw(random)).ToList();
        var detailed = await Alignment(generator, [.. scenes.Select(scene => Captions.Write(scene, Captions.DrawPlain(random)))]);
        var brief = await Alignment(generator, [.. scenes.Select(scene => $"a {scene.Word(Aspect.Colour)} {scene.Word(Aspect.Shape)}")]);
        Assert.True(detailed >= least && brief <= detailed - 0.1, $"detailed {detailed:0.000}, brief {brief:0.000}");
    }

    private static async Task<double> Alignment(IVideoGenerator generator, IReadOnlyList<string> prompts)
    {
        using var reward = new PixelChecklist();
        var clips = await generator.GenerateManyAsync([.. prompts.Select((prompt, i) => new VideoRequest(prompt) { Seed = i })]);
        var scores = await Task.WhenAll(clips.Select((clip, i) => reward.ScoreAsync(prompts[i], prompts[i], clip)));
        return scores.SelectMany(score => score.Answers).Where(answer => answer.Dimension == "alignment").Average(answer => answer.Answer == Answer.Yes ? 1.0 : 0);
    }

    private sealed class Heard(List<GeneratorProgress> all, Action<GeneratorProgress>? then = null) : IProgress<GeneratorProgress>
    {
        public void Report(GeneratorProgress value)
        {
            all.Add(value);
            then?.Invoke(value);
        }
    }
}

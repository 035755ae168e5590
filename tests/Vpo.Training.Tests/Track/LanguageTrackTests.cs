using Vpo.Models.Optimization;
using Vpo.Storage;

namespace Vpo.Training.Track;

public sealed class LanguageTrackTests
{
    [Fact]
    public async Task RunAsync_ReducedSize_GoesThroughEveryStepAndEndsInAnAdapterThatCanBeUsed()
    {
        using var folder = new TemporaryFolder();
        var options = TrackWorld.Write(folder.Path);
        var straight = Path.Combine(folder.Path, "straight");
        var result = await new LanguageTrack(options).RunAsync(straight, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["base", "sft", "dpo"], result.Rows.Select(r => r.Method));
        Assert.All(result.Rows, r => Assert.Equal((12, 6), (r.Coverage.Count, r.Likelihood.Count)));
        Assert.All(result.Rows, r => Assert.InRange(r.Words.Value, 10, 60));
        Assert.Equal(["base", "sft"], result.Changes.Select(c => c.From));
        Assert.InRange(result.Pairs, 1, options.PairQueries);
        Assert.True(result.Lessons[1].Margin > 0);
        Assert.True(File.Exists(Path.Combine(straight, LanguageTrack.ResultFile)));

        var readme = await File.ReadAllTextAsync(Path.Combine(result.Adapter, "README.md"), TestContext.Current.CancellationToken);
        Assert.All((string[])["--pair-queries 24", "| dpo - sft |", "CC-BY-NC-4.0", "(the base)", "prompts at all"], text => Assert.Contains(text, readme, StringComparison.Ordinal));

        using var optimizer = LlamaPromptOptimizer.Open(options.Model, new() { Adapter = result.Adapter, Sampling = new() { Greedy = true, MaxNewTokens = 70 } });
        Assert.Null((await optimizer.OptimizeAsync("red dog runs outside")).FallbackReason);

        await StoppedInEachStage_EndsInTheSameFiles(options, straight, Path.Combine(folder.Path, "stopped"));

        var other = await Assert.ThrowsAsync<InvalidDataException>(() => new LanguageTrack(options with { Gap = 0.3 }).RunAsync(straight));
        Assert.Contains("other options", other.Message, StringComparison.Ordinal);
    }

    private static async Task StoppedInEachStage_EndsInTheSameFiles(TrackOptions options, string straight, string folder)
    {
        foreach (var stage in new[] { "learn sft", "samples", "learn dpo", "prompts sft", "likelihood base" })
        {
            using var stop = new CancellationTokenSource();
            var progress = new Direct(p => { if (p.Stage.Contains(stage, StringComparison.Ordinal)) stop.Cancel(); });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new LanguageTrack(options).RunAsync(folder, progress, stop.Token));
        }
        await new LanguageTrack(options).RunAsync(folder);
        foreach (var file in (string[])["samples.jsonl", "pairs.jsonl", "prompts-dpo.jsonl", "likelihood-dpo.jsonl", "adapter/adapter_model.safetensors"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(straight, file)), File.ReadAllBytes(Path.Combine(folder, file)));
    }

    private sealed class Direct(Action<StageProgress> action) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => action(value);
    }
}

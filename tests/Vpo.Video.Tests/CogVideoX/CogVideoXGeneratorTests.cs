using Vpo.Video.CogVideoX;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class CogVideoXGeneratorTests
{
    private static CogVideoXGenerator Create(int batch = 2, double guidance = 2, int lanes = 1) =>
        new(Tiny.Pipeline(), new() { BatchSize = batch, Steps = 3, GuidanceScale = guidance, ModelId = "tiny", Lanes = lanes });

    private sealed class Listener(Action<VideoProgress> act) : IProgress<VideoProgress>
    {
        public void Report(VideoProgress value) => act(value);
    }

    [Fact]
    public async Task Generate_DefaultSize_GivesTheTrainedOne()
    {
        using var generator = Create();
        var clip = await generator.GenerateAsync(new("a red ball"));
        Assert.Equal((9, 16, 16, 8.0, "tiny"), (clip.FrameCount, clip.Height, clip.Width, clip.FramesPerSecond, clip.ModelId));
    }

    [Fact]
    public async Task Generate_SameSeedTwice_GivesTheSameClip()
    {
        using var generator = Create();
        var request = new VideoRequest("a red ball") { Seed = 5 };
        var (first, second, other) = (await generator.GenerateAsync(request), await generator.GenerateAsync(request), await generator.GenerateAsync(request with { Seed = 6 }));
        Assert.True(first.Frames.Span.SequenceEqual(second.Frames.Span));
        Assert.False(first.Frames.Span.SequenceEqual(other.Frames.Span));
    }

    [Theory, InlineData(1, 1.0, 1), InlineData(3, 1.0, 1), InlineData(2, 2.0, 1), InlineData(1, 1.0, 2), InlineData(2, 2.0, 3), InlineData(5, 1.0, 2)]
    public async Task GenerateBatch_AnySizeAndLanes_GivesWhatSingleCallsGive(int batch, double guidance, int lanes)
    {
        using var together = Create(batch, guidance, lanes);
        using var alone = Create(1, guidance);
        VideoRequest[] requests = [.. Enumerable.Range(0, 5).Select(i => new VideoRequest($"clip {i}") { Seed = i, NegativePrompt = i % 2 == 0 ? "blurry" : null })];
        var clips = await together.GenerateBatchAsync(requests);
        Assert.Equal(requests.Length, clips.Count);
        foreach (var (request, clip) in requests.Zip(clips))
        {
            var single = await alone.GenerateAsync(request);
            Assert.All(single.Frames.ToArray().Zip(clip.Frames.ToArray()), pixel => Assert.InRange(pixel.First - pixel.Second, -1, 1));
        }
    }

    [Fact]
    public async Task GenerateBatch_Progress_CountsEveryStepOfAllBatches()
    {
        using var generator = Create(batch: 2);
        var heard = new List<VideoProgress>();
        await generator.GenerateBatchAsync([new("a"), new("b"), new("c")], progress: new Listener(heard.Add));
        Assert.All(heard, p => Assert.Equal(6, p.Total));
        Assert.Equal([1, 2, 3, 4, 5, 6], heard.Where(p => p.Status == "denoising").Select(p => p.Done));
        Assert.Equal(heard.Select(p => p.Done).Order(), heard.Select(p => p.Done));
    }

    [Fact]
    public async Task GenerateBatch_OnTwoLanes_CountsEveryStepAndRepeatsToTheLastBit()
    {
        using var generator = Create(batch: 1, lanes: 2);
        VideoRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => new VideoRequest($"clip {i}") { Seed = i })];
        var heard = new List<VideoProgress>();
        var (first, second) = (await generator.GenerateBatchAsync(requests, progress: new Listener(heard.Add)), await generator.GenerateBatchAsync(requests));
        Assert.All(first.Zip(second), pair => Assert.True(pair.First.Frames.Span.SequenceEqual(pair.Second.Frames.Span)));
        Assert.Equal(Enumerable.Range(1, 18), heard.Where(p => p.Status == "denoising").Select(p => p.Done));
    }

    [Fact]
    public async Task GenerateBatch_FailureOnOneLane_ReachesTheCallerAndLeavesTheGeneratorUsable()
    {
        using var generator = Create(batch: 1, lanes: 2);
        VideoRequest[] requests = [.. Enumerable.Range(0, 40).Select(i => new VideoRequest($"clip {i}"))];
        var heard = 0;
        var progress = new Listener(p => throw new InvalidOperationException($"no {Interlocked.Increment(ref heard)}"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => generator.GenerateBatchAsync(requests, progress: progress));
        Assert.InRange(heard, 1, 2);
        Assert.Equal(3, (await generator.GenerateBatchAsync(requests[..3])).Count);
    }

    [Fact]
    public async Task GenerateBatch_CancelledInAStep_EndsBeforeTheNextAndLeavesTheGeneratorUsable()
    {
        using var generator = Create();
        using var cancel = new CancellationTokenSource();
        var steps = 0;
        var progress = new Listener(p =>
        {
            if (p.Status == "denoising" && ++steps == 2)
                cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync(new("a"), null, progress, cancel.Token));
        Assert.Equal(2, steps);
        Assert.Equal(9, (await generator.GenerateAsync(new("a"))).FrameCount);
    }

    [Theory]
    [InlineData(20, 16, 9, "width must be a multiple of 8, it is 20; 16 or 24")]
    [InlineData(16, 3, 9, "height must be a multiple of 8, it is 3; 8 would do")]
    [InlineData(16, 16, 5, "5 frames are not possible; this model makes 1, 8k or 8k + 1 frames: 1 or 8")]
    [InlineData(16, 16, 12, "9 or 16")]
    public async Task Generate_ImpossibleSize_IsRefusedWithTheNearestBeforeAnyWork(int width, int height, int frames, string message)
    {
        using var generator = Create();
        var options = new VideoOptions { Width = width, Height = height, FrameCount = frames };
        var silent = new Listener(_ => Assert.Fail("work began"));
        Assert.Contains(message, (await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(new("a"), options, silent))).Message);
    }

    [Fact]
    public async Task GenerateBatch_OnePromptTooLong_IsRefusedBeforeAnyWork()
    {
        using var generator = Create(batch: 1);
        var silent = new Listener(_ => Assert.Fail("work began"));
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateBatchAsync([new("a"), new("one two three four five six seven eight")], null, silent));
        Assert.Contains("8 tokens; this model reads at most 7", refused.Message);
    }

    [Fact]
    public async Task Generate_StepsThatDoNotFit_AreRefusedWithTheNearest()
    {
        using var generator = Create();
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(new("a"), new() { Steps = 61 }));
        Assert.Contains("60 or 62", refused.Message);
    }

    [Theory, InlineData(8), InlineData(16), InlineData(17), InlineData(1)]
    public async Task Generate_PossibleFrameCounts_ComeOutAsAsked(int frames)
    {
        using var generator = Create(guidance: 1);
        Assert.Equal(frames, (await generator.GenerateAsync(new("a"), new() { FrameCount = frames })).FrameCount);
    }
}

namespace Vpo.Core.Tests.Decorators;

public sealed class GuardedRewardTests
{
    private static Task<VideoRewardException> Refused(Func<CancellationToken, Task<VideoScore>> score, GuardOptions? options = null) =>
        Assert.ThrowsAsync<VideoRewardException>(async () =>
        {
            using var reward = new GuardedReward(new Scripted(score), options);
            await reward.ScoreAsync("q", "p", Scripted.Clip, TestContext.Current.CancellationToken);
        });

    [Fact]
    public async Task Score_InnerThrows_SaysWhat() =>
        Assert.Contains("no disk", (await Refused(_ => throw new IOException("no disk"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public async Task Score_NotFinite_IsRefused(double score) =>
        Assert.Contains("finite", (await Refused(_ => Task.FromResult(new VideoScore { Score = score }))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Score_DimensionNotANumber_IsRefusedByName() => Assert.Contains("physics", (await Refused(_ => Task.FromResult(
        new VideoScore { Score = 1, Dimensions = new Dictionary<string, double> { ["physics"] = double.NaN } }))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Score_InnerNeverAnswers_EndsAtTheLimit() =>
        Assert.Contains("within", (await Refused(_ => new TaskCompletionSource<VideoScore>().Task, new() { Timeout = TimeSpan.FromMilliseconds(30) })).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Score_InnerBlocksItsThread_EndsAtTheLimit()
    {
        using var release = new ManualResetEventSlim();
        var e = await Refused(_ => { release.Wait(TestContext.Current.CancellationToken); return Task.FromResult(new VideoScore { Score = 1 }); }, new() { Timeout = TimeSpan.FromMilliseconds(30) });
        release.Set();
        Assert.Contains("within", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Score_InnerHeedsCancellation_IsToldToStopAtTheLimit()
    {
        var stopped = new TaskCompletionSource();
        await Refused(async token =>
        {
            await using var registration = token.Register(stopped.SetResult);
            await Task.Delay(Timeout.Infinite, token);
            return new VideoScore { Score = 1 };
        }, new() { Timeout = TimeSpan.FromMilliseconds(30) });
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Score_DisagreesWithItself_IsRefused()
    {
        var calls = 0;
        var e = await Refused(_ => Task.FromResult(new VideoScore { Score = calls++ }), new() { Repetitions = 2, Tolerance = 0.5 });
        Assert.Contains("disagrees with itself", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Score_CallerCancels_IsCancelledNotRefused()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        using var reward = new GuardedReward(new Scripted(t => Task.FromCanceled<VideoScore>(t)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reward.ScoreAsync("q", "p", Scripted.Clip, cancel.Token));
    }

    [Fact]
    public async Task Score_SameScoreButAnotherAnswer_IsRefusedByName()
    {
        var calls = 0;
        var e = await Refused(_ => Task.FromResult(new VideoScore { Score = 1, Answers = [new("sharp", "quality", calls++ == 0 ? Answer.Yes : Answer.No, 0)] }), new() { Repetitions = 2 });
        Assert.Contains("'sharp'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Score_WithinTheTolerance_IsTheFirst()
    {
        var calls = 0;
        using var reward = new GuardedReward(new Scripted(_ => Task.FromResult(new VideoScore { Score = calls++ })), new() { Repetitions = 3, Tolerance = 2 });
        Assert.Equal(0, (await reward.ScoreAsync("q", "p", Scripted.Clip, TestContext.Current.CancellationToken)).Score);
        Assert.Equal(3, calls);
    }

    private sealed class Groups(Func<IReadOnlyList<GroupScore>> score) : DelegatingVideoReward(new Scripted(_ => Task.FromResult(new VideoScore { Score = 1 }))), IGroupVideoReward
    {
        public Task<IReadOnlyList<GroupScore>> ScoreGroupAsync(string query, IReadOnlyList<ClipSample> samples, PairOptions pairs, CancellationToken cancellationToken = default) => Task.FromResult(score());
    }

    private static async Task<IReadOnlyList<GroupScore>> Grouped(Func<IReadOnlyList<GroupScore>> score)
    {
        using var reward = new GuardedReward(new Groups(score));
        return await reward.ScoreGroupAsync("q", [new("a", Scripted.Clip), new("b", Scripted.Clip)], new(), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task ScoreGroup_InnerFailsOrGivesNoNumber_HasAnOutcomeForEveryClip()
    {
        Assert.All(await Grouped(() => throw new IOException("no disk")), s => Assert.Contains("no disk", s.Problem, StringComparison.Ordinal));
        Assert.All(await Grouped(() => [new()]), s => Assert.Contains("expected 2", s.Problem, StringComparison.Ordinal));
        var mixed = await Grouped(() => [new() { Score = new() { Score = double.NaN } }, new() { Score = new() { Score = 2 } }]);
        Assert.Equal([null, 2.0], mixed.Select(s => s.Score?.Score));
        Assert.Contains("finite", mixed[0].Problem, StringComparison.Ordinal);
    }

    /// <summary>A reward that does what a test wants.</summary>
    private sealed class Scripted(Func<CancellationToken, Task<VideoScore>> score) : IVideoReward
    {
        public static readonly VideoClip Clip = new(new byte[2 * 3 * 4 * 3], 4, 3, 8);

        public Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default) => score(cancellationToken);

        public void Dispose() { }
    }
}

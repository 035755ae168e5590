using System.Text.Json;
using Vpo.Core.Tests.Fakes;
using static Vpo.Core.Tests.Loop.SmallLoop;

namespace Vpo.Core.Tests.Loop;

/// <summary>The loop with rewards that are lazy, or that fail.</summary>
public sealed class VpoLoopRewardTests
{
    [Fact]
    public async Task RunAsync_LazyRewards_GiveTheSamePairsAndModel()
    {
        using var full = new TemporaryFolder();
        using var lazy = new TemporaryFolder();
        var expected = await new VpoLoop(Parts(), Small).RunAsync(Sets, full.Path);
        var result = await new VpoLoop(Parts() with { Reward = new Grouped() }, Small with { LazyRewards = true }).RunAsync(Sets, lazy.Path);
        Assert.Equal(File.ReadAllText(full.File("round-1/pairs.jsonl")), File.ReadAllText(lazy.File("round-1/pairs.jsonl")));
        Assert.Equal(expected.Rows[^1].VideoReward, result.Rows[^1].VideoReward);
        Assert.False(File.Exists(lazy.File("round-1/rewards.jsonl")));
        Assert.NotEmpty(File.ReadLines(lazy.File("round-1/group-rewards.jsonl")));
    }

    /// <summary>The number of stars, for a whole group; what can be in no pair, being in the middle, is left out.</summary>
    private sealed class Grouped : DelegatingVideoReward, IGroupVideoReward
    {
        public Grouped() : base(new FakeReward()) { }

        public async Task<IReadOnlyList<GroupScore>> ScoreGroupAsync(string query, IReadOnlyList<ClipSample> samples, PairOptions pairs, CancellationToken cancellationToken = default)
        {
            var scores = await samples.SelectManyAtOnceAsync((s, ct) => ScoreAsync(query, s.Prompt, s.Clip, ct), cancellationToken);
            var (low, high) = (scores.Min(s => s.Score), scores.Max(s => s.Score));
            return [.. scores.Select(s => new GroupScore { Score = s.Score == low || s.Score == high ? s : null, Low = s.Score, High = s.Score })];
        }
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("hangs")]
    [InlineData("is no number")]
    [InlineData("disagrees")]
    public async Task RunAsync_ARewardThatFailsOnOneQuery_ReportsItsClipsAndUsesTheOthers(string how)
    {
        using var folder = new TemporaryFolder();
        var bad = Sets.Preference[0].Text;
        var options = Small with { Reward = new() { Timeout = TimeSpan.FromSeconds(how == "hangs" ? 0.2 : 60), Repetitions = how == "disagrees" ? 2 : 1 } };
        var result = await new VpoLoop(Parts() with { Reward = new Failing(bad, how) }, options).RunAsync(Sets, folder.Path);
        var records = File.ReadLines(folder.File("round-1/rewards.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.All(records, r => Assert.Equal(r.GetProperty("query").GetString() == bad, r.TryGetProperty("problem", out _)));
        Assert.Contains(records, r => r.TryGetProperty("problem", out _));
        Assert.True(result.Pairs["vpo"].Video > 0);
        Assert.DoesNotContain(File.ReadLines(folder.File("round-1/pairs.jsonl")).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("pair")),
            p => p.GetProperty("query").GetString() == bad && p.GetProperty("source").GetString() == "Video");
    }

    /// <summary>The number of stars, but on one query what no reward should do.</summary>
    private sealed class Failing(string query, string how) : DelegatingVideoReward(new FakeReward())
    {
        private int _calls;

        public override async Task<VideoScore> ScoreAsync(string asked, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
        {
            var score = await base.ScoreAsync(asked, prompt, clip, cancellationToken);
            if (asked != query)
                return score;
            if (how == "hangs")
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return how switch
            {
                "throws" => throw new IOException("the device is lost"),
                "is no number" => score with { Score = double.NaN },
                _ => score with { Score = Interlocked.Increment(ref _calls) },
            };
        }
    }

    [Fact]
    public async Task RunAsync_ClipThatCannotBeScored_IsReportedAndLeftOut()
    {
        using var folder = new TemporaryFolder();
        var result = await new VpoLoop(Parts() with { Reward = new FakeReward { FailsOn = "held-out 5" } }, Small).RunAsync(Sets, folder.Path);
        Assert.All(result.Rows, r => Assert.Equal((1, 39), (r.Unscored, r.VideoReward!.Value.Count)));
    }
}

using Vpo.Rewards.Combining;

namespace Vpo.Rewards.Tests.Combining;

public sealed class CompositeRewardTests
{
    private static Task<VideoScore> Score(CompositeReward reward) => reward.ScoreAsync("q", "p", FakeReward.Clip, TestContext.Current.CancellationToken);

    [Fact]
    public async Task Score_Parts_AddsThemByWeightAndKeepsAnswers()
    {
        using var reward = new CompositeReward(
        [
            new("a", FakeReward.Of(2, new ChecklistAnswer("red", "colour", Answer.Yes, 2))) { Weight = 0.5 },
            new("b", FakeReward.Of(3)),
        ]);
        var score = await Score(reward);
        Assert.Equal(4, score.Score);
        Assert.Equal(new ChecklistAnswer("a/red", "colour", Answer.Yes, 1), Assert.Single(score.Answers));
        Assert.Equal((2.0, 3.0, 3.0), (score.Dimensions["a"], score.Dimensions["b"], score.Dimensions["b/all"]));
    }

    [Fact]
    public async Task Score_HeldOut_IsSeenAmongDimensionsOnly()
    {
        using var reward = new CompositeReward(
        [
            new("a", FakeReward.Of(2)),
            new("judge", FakeReward.Of(100, new ChecklistAnswer("x", "", Answer.Yes, 1))) { HeldOut = true },
            new("broken", new FakeReward(_ => throw new InvalidOperationException())) { HeldOut = true },
        ]);
        var score = await Score(reward);
        Assert.Equal(2, score.Score);
        Assert.Empty(score.Answers);
        Assert.Equal(100, score.Dimensions["held-out/judge"]);
        Assert.DoesNotContain("held-out/broken", score.Dimensions.Keys);
    }

    [Fact]
    public async Task Score_BelowFloor_IsRefusedOrLoses()
    {
        RewardPart[] parts = [new("safety", FakeReward.Of(0.2)) { Floor = 0.5 }, new("beauty", FakeReward.Of(9))];
        using var refusing = new CompositeReward(parts);
        Assert.Contains("safety", (await Assert.ThrowsAsync<VideoRewardException>(() => Score(refusing))).Message, StringComparison.Ordinal);
        using var losing = new CompositeReward(parts) { ScoreBelowFloor = -10 };
        Assert.Equal(-10, (await Score(losing)).Score);
    }

    [Fact]
    public async Task Score_PartFails_SaysWhich()
    {
        using var reward = new CompositeReward([new("good", FakeReward.Of(1)), new("bad", FakeReward.Of(double.NaN))]);
        Assert.StartsWith("bad: ", (await Assert.ThrowsAsync<VideoRewardException>(() => Score(reward))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_PartsThatMakeNoSense_AreRefused()
    {
        var a = new RewardPart("a", FakeReward.Of(1));
        Assert.Throws<ArgumentException>(() => new CompositeReward([]));
        Assert.Throws<ArgumentException>(() => new CompositeReward([a, a]));
        Assert.Throws<ArgumentException>(() => new CompositeReward([a with { HeldOut = true }]));
        Assert.Throws<ArgumentException>(() => new CompositeReward([a, a with { Name = "b", HeldOut = true, Floor = 1 }]));
        Assert.Throws<ArgumentException>(() => new CompositeReward([a with { Weight = double.NaN }]));
    }

    [Fact]
    public void Dispose_Composite_DisposesItsParts()
    {
        var inner = FakeReward.Of(1);
        new CompositeReward([new("a", inner)]).Dispose();
        Assert.True(inner.Disposed);
    }
}

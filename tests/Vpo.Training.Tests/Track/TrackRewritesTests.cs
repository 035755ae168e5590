namespace Vpo.Training.Track;

public sealed class TrackRewritesTests
{
    private const string Rewrite = "A red dog runs on a beach, its ears flying. Waves roll in. The camera follows. A sentence of far too many words " + Filler + ".";

    private const string Filler = "goes on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on and on";

    [Fact]
    public void WishOf_AnySeed_IsTheFirstSentenceCutShortOrWithAnotherThatFits()
    {
        var wishes = Enumerable.Range(0, 40).Select(seed => TrackRewrites.WishOf(Rewrite, seed)).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(["a red dog runs on a beach", "a red dog runs on a beach, its ears flying", "a red dog runs on a beach, its ears flying. The camera follows", "a red dog runs on a beach, its ears flying. Waves roll in"], wishes);
        Assert.Equal("a red dog", TrackRewrites.WishOf("A red dog.", seed: 3));
    }

    [Fact]
    public async Task ChooseAsync_HalfOfSentences_TakesNoRewriteTwiceAndKeepsEveryAtom()
    {
        using var folder = new TemporaryFolder();
        var options = TrackWorld.Write(folder.Path) with { Demonstrations = 12, SentenceShare = 0.5 };
        using var rewrites = new TrackRewrites(options);
        var chosen = await rewrites.ChooseAsync(TestContext.Current.CancellationToken);
        Assert.Equal((12, 12), (chosen.Count, chosen.Select(d => d.Prompt).Distinct().Count()));
        Assert.Equal(6, chosen.Count(d => d.Prompt.StartsWith(d.Query, StringComparison.OrdinalIgnoreCase)));
        using var judge = new AtomJudge();
        Assert.All(chosen, d => Assert.Equal(1, judge.Examine(d.Query, d.Prompt).Coverage));
        using var again = new TrackRewrites(options);
        Assert.Equal(chosen, await again.ChooseAsync(TestContext.Current.CancellationToken));

        using var tooMany = new TrackRewrites(options with { Demonstrations = 60 });
        Assert.Contains("60 demonstrations", (await Assert.ThrowsAsync<ArgumentException>(() => tooMany.ChooseAsync(TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }
}

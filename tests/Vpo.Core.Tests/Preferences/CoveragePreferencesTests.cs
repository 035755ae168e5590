namespace Vpo.Core.Tests.Preferences;

public sealed class CoveragePreferencesTests
{
    private const string Query = "a red dog runs on a beach at sunset";

    private const string Rest = " Waves roll in slowly from the open sea, gulls turn above the foam, and long shadows stretch across wet stones. The camera follows at knee height, keeping the water to one side while warm light glitters on every ripple and the far cliffs grow dark.";

    private const string Whole = "A red dog runs along a sandy beach at sunset." + Rest;

    private const string Half = "A dog rests on a sandy beach." + Rest;

    [Fact]
    public void BestAgainstWorst_SamplesOfUnequalCoverage_TakesTheEndsAndSaysWhy()
    {
        var pair = CoveragePreferences.BestAgainstWorst(Query, [Half, Whole, "A dog runs on a beach." + Rest]);
        Assert.NotNull(pair);
        Assert.Equal((Query, Whole, Half, FeedbackSource.Text), (pair.Query, pair.Chosen, pair.Rejected, pair.Source));
        Assert.InRange(pair.Margin, 0.3, 1);
        Assert.Contains("more of the atoms", pair.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A red dog runs along a sandy beach at sunset.")]   // too short
    [InlineData(Whole + Rest + Rest + Rest)]   // goes round in circles
    [InlineData("I'm sorry, I can't show that a red dog runs along a sandy beach at sunset." + Rest)]   // declines
    [InlineData(Whole + " Then the dog and")]   // torn
    public void BestAgainstWorst_TheBetterOneIsOfBadForm_IsNeverChosen(string better) =>
        Assert.Null(CoveragePreferences.BestAgainstWorst(Query, [better, Half]));

    [Fact]
    public void BestAgainstWorst_NothingToTellApart_GivesNoPair()
    {
        Assert.Null(CoveragePreferences.BestAgainstWorst(Query, [Whole, Whole]));
        Assert.Null(CoveragePreferences.BestAgainstWorst(Query, [Whole, Half], gap: 0.95));
        Assert.Null(CoveragePreferences.BestAgainstWorst(Query, []));
    }

    [Theory]
    [InlineData(Whole + " The red dog runs on the red beach, the red dog runs on the red sand.")]   // repeats what it kept
    [InlineData(Whole + " Far off, two fishing boats swing round their anchors while a lighthouse blinks.")]   // says more, in more words
    public void BestAgainstWorst_MoreWordsOrRepetitionGoAlongWithAtoms_IsNoPair(string better) =>
        Assert.Null(CoveragePreferences.BestAgainstWorst(Query, [better, Half]));

    [Fact]
    public void BestAgainstWorst_AHarmfulSample_IsRejectedWhateverItKeeps()
    {
        var harmful = Whole.Replace("wet stones", "a corpse in a pool of blood", StringComparison.Ordinal);
        var pair = CoveragePreferences.BestAgainstWorst(Query, [harmful, Whole, Half]);
        Assert.NotNull(pair);
        Assert.Equal((Whole, harmful, "is harmless"), (pair.Chosen, pair.Rejected, pair.Reason));
    }

    [Fact]
    public void PromptQuality_Good_NeedsCoverageFormAndAnEnd()
    {
        using var judge = new AtomJudge();
        Assert.True(PromptQuality.Of(judge, Query, Whole).IsGood);
        Assert.False(PromptQuality.Of(judge, Query, Whole, finished: false).IsGood);
        var half = PromptQuality.Of(judge, Query, Half);
        Assert.True(half is { IsWellFormed: true, IsGood: false });
    }
}

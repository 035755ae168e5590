using CsCheck;

namespace Vpo.Core.Tests.Preferences;

public sealed class VideoPreferencesTests
{
    private static readonly IReadOnlyList<ScoredPrompt> Samples = [Sample("b", 2), Sample("d", 4), Sample("a", 1), Sample("c", 2.6)];

    [Theory]
    [InlineData(PairSelection.First, "b>a")]
    [InlineData(PairSelection.BestWorst, "d>a")]
    [InlineData(PairSelection.Neighbours, "d>c c>b b>a")]
    [InlineData(PairSelection.All, "b>a d>b d>a d>c c>b c>a")]
    public void Mine_Selection_TakesThatPair(PairSelection selection, string expected) =>
        Assert.Equal(expected, Pairs(new() { Selection = selection }));

    [Fact]
    public void Mine_GapIsExactlyTheThreshold_IsNoPair() => Assert.Equal("", Pairs(new() { Gap = 3 }));

    [Theory]
    [InlineData(5.0, "")]
    [InlineData(4.0, "d>a")]
    public void Mine_ScoreFloor_HoldsForTheChosen(double floor, string expected) => Assert.Equal(expected, Pairs(new() { ScoreFloor = floor }));

    [Fact]
    public void Mine_DimensionFloorOrLength_DropsTheChosen()
    {
        Assert.Equal("", Pairs(new() { DimensionFloors = new Dictionary<string, double> { ["x"] = 9 } }));
        Assert.Equal("", Pairs(new() { MaxWords = 0 }));
    }

    [Fact]
    public void Mine_DimensionDominance_DropsTheOneThatIsWorseSomewhere()
    {
        VideoScore Score(double total, double x, double y) => new() { Score = total, Dimensions = new Dictionary<string, double> { ["x"] = x, ["y"] = y } };
        IReadOnlyList<ScoredPrompt> samples = [new("q", "a", Score(3, 3, 0)), new("q", "b", Score(2, 1, 1)), new("q", "c", Score(1, 1, 0))];
        var pairs = VideoPreferences.Mine(samples, new() { Selection = PairSelection.All, Dominance = Dominance.Dimension });
        Assert.Equal(["a>c", "b>c"], pairs.Select(p => $"{p.Chosen}>{p.Rejected}"));
    }

    [Fact]
    public void Mine_SubDimensionDominance_ComparesYesesOfEachAndNotTheirOrder()
    {
        // light: strict and lax; sound: one question without weight.
        VideoScore Score(double total, Answer strict, Answer lax, Answer sound) => new()
        {
            Score = total,
            Answers = [new("l1", "look", strict, 2) { SubDimension = "light" }, new("l2", "look", lax, 1) { SubDimension = "light" }, new("s", "sound", sound, 0)],
        };
        IReadOnlyList<ScoredPrompt> samples =
            [new("q", "a", Score(2, Answer.Yes, Answer.No, Answer.Yes)), new("q", "b", Score(1, Answer.No, Answer.Yes, Answer.No)), new("q", "c", Score(3, Answer.Yes, Answer.Yes, Answer.No))];
        string Pairs(Dominance rule) => string.Join(' ', VideoPreferences.Mine(samples, new() { Selection = PairSelection.All, Dominance = rule }).Select(p => $"{p.Chosen}>{p.Rejected}"));
        Assert.Equal("a>b c>b", Pairs(Dominance.SubDimension));
        Assert.Equal("c>b", Pairs(Dominance.Question));
        var error = Assert.Throws<ArgumentException>(() => VideoDominance.Holds(Unnamed(samples[0].Score), Unnamed(samples[1].Score), Dominance.SubDimension));
        Assert.Contains("sub-dimension", error.Message, StringComparison.Ordinal);
        static VideoScore Unnamed(VideoScore score) => score with { Answers = [.. score.Answers.Select(a => a with { SubDimension = null })] };
    }

    [Fact]
    public void Holds_AnyAnswers_QuestionDominanceImpliesThatOfSubDimensions()
    {
        var scores = Gen.Enum<Answer>().Array[9].Select(answers => new VideoScore
        {
            Score = 0,
            Answers = [.. answers.Select((a, i) => new ChecklistAnswer($"q{i}", $"d{i / 5}", a, 1) { SubDimension = $"s{i / 2}" })],
        });
        Gen.Select(scores, scores).Sample((a, b) => !VideoDominance.Holds(a, b, Dominance.Question) || VideoDominance.Holds(a, b, Dominance.SubDimension), iter: 20000);
    }

    [Fact]
    public void Mine_RewardWithoutAnswers_RefusesQuestionDominance()
    {
        var error = Assert.Throws<ArgumentException>(() => Pairs(new() { Dominance = Dominance.Question }));
        Assert.Equal("expected answers to the same questions in both scores, found 0 and 0: choose Dominance.None for this reward", error.Message);
    }

    [Fact]
    public void Mine_AnyScores_ChosenIsAlwaysAboveByTheGap() => Gen.Double[0, 5].Array[0, 8].Sample(scores =>
    {
        List<ScoredPrompt> samples = [.. scores.Select((s, i) => Sample($"p{i}", s))];
        foreach (var selection in Enum.GetValues<PairSelection>())
            Assert.All(VideoPreferences.Mine(samples, new() { Selection = selection }), p => Assert.True(p.Margin > 0.5));
    });

    [Fact]
    public void For_Preset_HasTheDocumentedRules()
    {
        Assert.Equal((0.5, Dominance.None, PairSelection.BestWorst, false), Rules(VpoPreset.Default));
        Assert.Equal((0.5, Dominance.None, PairSelection.Neighbours, false), Rules(VpoPreset.Paper));
        Assert.Equal((0.5, Dominance.Question, PairSelection.First, true), Rules(VpoPreset.Released));
        Assert.Equal(0.2, PairOptions.For(new VpoOptions { Gap = 0.2 }).Gap);
    }

    private static (double, Dominance, PairSelection, bool) Rules(VpoPreset preset) =>
        PairOptions.For(preset) is var p ? (p.Gap, p.Dominance, p.Selection, p.OnePerQuery) : default;

    private static string Pairs(PairOptions options) => string.Join(' ', VideoPreferences.Mine(Samples, options).Select(p => $"{p.Chosen}>{p.Rejected}"));

    private static ScoredPrompt Sample(string prompt, double score) =>
        new("q", prompt, new() { Score = score, Dimensions = new Dictionary<string, double> { ["x"] = score } });
}

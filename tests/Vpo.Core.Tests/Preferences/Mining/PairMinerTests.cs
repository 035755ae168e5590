using CsCheck;
using Vpo.Mining;
using Vpo.Storage;

namespace Vpo.Core.Tests.Preferences.Mining;

public sealed class PairMinerTests
{
    [Fact]
    public void Run_VerdictsAndScores_GivesBothKindsAndCountsTheRest()
    {
        var sources = new PairSources
        {
            Verdicts = [Flawed("q", "bad", "good"), Flawed("q", "worse", null), Flawed("r", "bad", "two\nlines"), Passed("q", "a"), Passed("q", "b"), Flawed("q", "c", null)],
            Groups = PairSources.ByQuery([Scored("q", "a", 3), Scored("q", "b", 1), Scored("q", "c", 9), Scored("r", "a", 1), Scored("r", "b", 1.2)]),
            Ready = [Pair("s", "x", "y")],
        };
        var result = new PairMiner(new()).Run(sources);
        Assert.Equal(["q: a>b Video", "q: good>bad Text", "s: x>y Text"], result.Pairs.Select(Say).Order(StringComparer.Ordinal));
        Assert.Equal((1, 2, 1, 3), (Count(result, "not aligned"), Count(result, "flawed without use"), Count(result, "  too near"), Count(result, "pairs")));
        Assert.Contains(new PairMiner(new()) { AlignedOnly = false }.Run(sources).Pairs, p => Say(p) == "q: c>b Video");
    }

    [Fact]
    public void Run_LengthCap_HoldsForTextPairsToo()
    {
        var sources = new PairSources { Verdicts = [Flawed("q", "bad", "a b c"), Flawed("r", "bad", "a b")] };
        Assert.Equal(["r: a b>bad Text"], new PairMiner(new() { MaxWords = 2 }).Run(sources).Pairs.Select(Say));
    }

    [Fact]
    public void Run_AsReleased_LosesTheQueryWhoseChosenRefinementHasALineEnd()
    {
        var sources = new PairSources { Verdicts = [Flawed("q", "bad", "two\nlines"), Flawed("q", "worse", "clean")] };
        var kept = Enumerable.Range(0, 40).Select(seed => PairMiner.For(VpoPreset.Released, seed: seed).Run(sources).Pairs.Count).ToList();
        Assert.InRange(kept.Count(c => c == 1), 8, 32);
        Assert.All(kept, c => Assert.InRange(c, 0, 1));
    }

    [Fact]
    public void Run_AnyScoresAndRules_CountsAddUp() => Gen.Select(
        Gen.Int[0, 6].Array[0, 6].Array[0, 5], Gen.Int[0, 3], Gen.Int[0, 4], Gen.Enum<PairSelection>()).Sample((groups, gap, floor, selection) =>
    {
        var samples = groups.SelectMany((g, q) => g.Select((score, i) => Scored($"q{q}", $"p{i}", score)));
        var result = new PairMiner(new() { Gap = gap, ScoreFloor = floor, Selection = selection }).Run(new() { Groups = PairSources.ByQuery(samples) });
        if (groups.All(g => g.Length == 0))
            return;
        var obstacles = result.Steps.Where(s => s.Name.StartsWith("  ", StringComparison.Ordinal)).Sum(s => s.Count);
        Assert.Equal(Count(result, "candidates"), obstacles);
        Assert.True(Count(result, "video-level pairs") <= Count(result, "  admissible"));
        Assert.Equal(result.Pairs.Count, Count(result, "video-level pairs") - Count(result, "given up in the merge"));
    });

    [Fact]
    public void ByQuery_SeveralClipsOfOnePrompt_AreOneSampleWithTheMean()
    {
        var group = Assert.Single(PairSources.ByQuery([Scored("q", "a", 1), Scored("q", "b", 4), Scored("q", "a", 2)]));
        Assert.Equal([("a", 1.5, 0), ("b", 4, 1)], group.Select(s => (s.Prompt, s.Score.Score, s.Score.Answers.Count)));
        var error = Assert.Throws<ArgumentException>(() => new PairMiner(new() { Dominance = Dominance.Question }).Run(new() { Groups = [group] }));
        Assert.Contains("several clips of one prompt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_TextAndVideoPair_SaysWhyInTheJudgesWordsAndTheClipsAnswers()
    {
        var sources = new PairSources { Verdicts = [Flawed("q", "bad", "good <b>")], Groups = PairSources.ByQuery([Scored("r", "a", 3), Scored("r", "b", 1)]) };
        var page = PairPage.Create(sources, new PairMiner(new()).Run(sources), "the rules", clip: (_, prompt) => prompt == "a" ? [1, 2, 3] : null).ToString();
        Assert.All((string[])["the rules", "lacks the dog", "good &lt;b&gt;", "yes only for the chosen: sharp (clarity)", "x +2", "data:image/png;base64,AQID", "the chosen is the longer one in"], text => Assert.Contains(text, page, StringComparison.Ordinal));
    }

    private static string Say(PreferencePair p) => $"{p.Query}: {p.Chosen}>{p.Rejected} {p.Source}";

    private static int Count(PairMiningResult result, string name) => result.Steps.Where(s => s.Name == name).Sum(s => s.Count);

    private static PreferencePair Pair(string query, string chosen, string rejected) => new() { Query = query, Chosen = chosen, Rejected = rejected, Source = FeedbackSource.Text };

    private static ScoredPrompt Scored(string query, string prompt, double score) => new(query, prompt, new()
    {
        Score = score,
        Dimensions = new Dictionary<string, double> { ["x"] = score },
        Answers = [new("sharp", "Quality", score > 2 ? Answer.Yes : Answer.No, 1) { SubDimension = "clarity" }],
    });

    private static VerdictRecord Flawed(string query, string prompt, string? refined) => new()
    {
        Id = ContentId.Of(query, prompt),
        Verdict = new() { Query = query, Prompt = prompt, Judgement = Judgement.Misaligned, Class = AlignmentClass.Imprecise, Critique = "lacks the dog" },
        Refined = refined,
        Provenance = Provenance.Of(null, "", 0),
    };

    private static VerdictRecord Passed(string query, string prompt) =>
        Flawed(query, prompt, null) with { Verdict = new() { Query = query, Prompt = prompt, Judgement = Judgement.Aligned, Class = AlignmentClass.Aligned } };
}

using CsCheck;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.VisionReward;

namespace Vpo.Rewards.Tests.Checklists;

public sealed class ChecklistTests
{
    private static readonly Checklist Three = new("three", [new("a", "x", "A \"[[prompt]]\"?", 2), new("b", "x", "B?", 1), new("c", "y", "C?", 0)]);

    [Fact]
    public void Score_NothingButNo_IsRefused()
    {
        var e = Assert.Throws<VideoRewardException>(() => new ChecklistScoring().Score(Three, [Answer.No, Answer.No, Answer.No]));
        Assert.Contains("none of 3 answers is yes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_UnknownWithWeight_IsRefusedUnlessAskedFor()
    {
        Answer[] answers = [Answer.Yes, Answer.Unknown, Answer.No];
        Assert.Contains("b", Assert.Throws<VideoRewardException>(() => new ChecklistScoring().Score(Three, answers)).Message, StringComparison.Ordinal);
        var score = new ChecklistScoring { Unknown = UnknownAnswers.NotYes }.Score(Three, answers);
        Assert.Equal((2, Answer.Unknown), (score.Score, score.Answers[1].Answer));
    }

    [Fact]
    public void Score_UnknownWithoutWeight_IsKept()
    {
        var score = new ChecklistScoring().Score(Three, [Answer.Yes, Answer.No, Answer.Unknown], "me");
        Assert.Equal(("me", 2.0, Answer.Unknown), (score.RewardId, score.Score, score.Answers[2].Answer));
        Assert.Equal((2.0, 0.0), (score.Dimensions["x"], score.Dimensions["y"]));
    }

    [Fact]
    public void Score_EitherScale_DiffersByWhatTheChangedAnswerIsWorth() =>
        Gen.Select(Gen.Enum<ScoreScale>(), Gen.Bool.Array[2], Gen.Int[0, 1]).Sample((scale, yes, flip) =>
        {
            Answer[] before = [.. yes.Select(y => y ? Answer.Yes : Answer.No), Answer.Yes];
            Answer[] after = [.. before];
            after[flip] = yes[flip] ? Answer.No : Answer.Yes;
            var scoring = new ChecklistScoring { Scale = scale };
            var (a, b) = (scoring.Score(Three, before), scoring.Score(Three, after));
            return Math.Abs(Math.Abs(a.Score - b.Score) - a.Answers[flip].Weight) < 1e-12;
        });

    [Fact]
    public void Scales_AnyAnswers_ConvertIntoEachOther() =>
        Gen.Enum<Answer>().Array[3].Sample(answers =>
        {
            var (sum, mean) = (ChecklistScore.WeightedYesSum(Three.Questions, answers), ChecklistScore.SignedMean(Three.Questions, answers));
            return Math.Abs(sum - (2 * mean + Three.Total) / 2) < 1e-12;
        });

    [Theory]
    [InlineData("yes", Answer.Yes, Answer.Yes)]
    [InlineData(" **Yes**, it does", Answer.Yes, Answer.Unknown)]
    [InlineData("No.", Answer.No, Answer.Unknown)]
    [InlineData("no", Answer.No, Answer.No)]
    [InlineData("nothing", Answer.Unknown, Answer.Unknown)]
    [InlineData("yesterday", Answer.Unknown, Answer.Unknown)]
    [InlineData("I cannot help with that", Answer.Unknown, Answer.Unknown)]
    [InlineData("", Answer.Unknown, Answer.Unknown)]
    public void Read_Reply_IsYesNoOrUnknown(string reply, Answer lenient, Answer exact) =>
        Assert.Equal((lenient, exact), (AnswerReader.Lenient(reply), AnswerReader.Exact(reply)));

    [Fact]
    public void Ask_Query_ReplacesThePlace() => Assert.Equal("A \"a cat\"?", Three.Questions[0].Ask("a cat"));

    [Fact]
    public void Load_JsonOfOnesOwn_GivesQuestionsAndNamesWhatIsWrong()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """[{"text":"Is it red?","dimension":"colour","weight":0.5},{"name":"cat","text":"A cat?"}]""");
            Assert.Equal([("q01", 0.5), ("cat", 1.0)], Checklist.Load(path).Questions.Select(q => (q.Name, q.Weight)));
            File.WriteAllText(path, """[{"question":"Is it red?"}]""");
            Assert.Contains(path, Assert.Throws<InvalidDataException>(() => Checklist.Load(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact, Trait("Category", "Weights")]
    public void Load_PublishedFiles_HaveTheWeightsOfVposArray()
    {
        var checklist = VisionRewardChecklist.Load(Repository.Data("visionreward"));
        Assert.Equal(64, checklist.Questions.Count);
        Assert.Equal(29, checklist.Questions.Count(q => q.Selected));
        Assert.Equal(6.2771726010070195, checklist.Total, 12);
        Assert.Equal(1.141818673357406, checklist.Questions[3].Weight);
        Assert.Contains("\"a cat\"", checklist.Questions[0].Ask("a cat"), StringComparison.Ordinal);
        Assert.Equal(-0.21645422762093175, ChecklistScore.SignedMean(checklist.Questions, new Answer[64]), 12);
    }
}

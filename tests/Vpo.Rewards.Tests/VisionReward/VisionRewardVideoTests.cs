using CsCheck;
using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.VisionReward;
using Vpo.Rewards.VisionReward.Model;
using static TorchSharp.torch;

namespace Vpo.Rewards.Tests.VisionReward;

public sealed class VisionRewardVideoTests
{
    private static readonly VisionRewardConfig Tiny = new()
    {
        Vision = new(16, 1, 2, 24, 8, 2, 1e-6),
        Width = 32,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        Intermediate = 40,
        Vocabulary = 120,
        BeginId = 116,
        PlaceholderId = 118,
    };

    private static readonly Checklist Two = new("two", [new("a", "x", "Is it \"[[prompt]]\"?", 2), new("b", "y", "Is it sharp?", 1)]);
    private static readonly VideoClip Clip = new(Enumerable.Range(0, 16 * 10 * 12 * 3).Select(i => (byte)(i * 7)).ToArray(), 12, 10, 8);

    private static VisionRewardModel Model() => Weights.Initialize(1, ScalarType.Float32, CPU, w => new VisionRewardModel(Tiny, w, RopeMode.Exact));

    private static async Task<VideoScore> Score(ScriptedTokenizer tokenizer, VisionRewardOptions? options = null)
    {
        using var reward = new VisionRewardVideo(Model(), tokenizer, Two, options);
        return await reward.ScoreAsync("a cat", "p", Clip, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Score_EveryAnswerYes_IsTheSumAndQuestionsHaveTheScriptsForm()
    {
        var tokenizer = new ScriptedTokenizer(_ => "yes");
        Assert.Equal(3, (await Score(tokenizer)).Score);
        Assert.Equal(["yes", "0", "1", "2", "Question: Is it \"a cat\"?\n Answer:", "Question: Is it sharp? Answer:"], tokenizer.Texts);
    }

    [Fact]
    public async Task Score_TokenizerKnowsTheWords_KeepsChances()
    {
        var score = await Score(new ScriptedTokenizer(_ => "yes") { Words = new() { ["yes"] = 7, ["no"] = 8 } });
        Assert.All(score.Answers, a => Assert.InRange(a.Probability!.Value, 0, 1));
        Assert.All(score.Answers, a => Assert.NotEqual(0.5, a.Probability!.Value));
    }

    [Fact]
    public async Task Score_AnotherWord_IsKeptAsTheReply()
    {
        var asked = 0;
        var score = await Score(new ScriptedTokenizer(_ => asked++ == 0 ? "yes" : "Yes"), new() { Scoring = new() { Unknown = UnknownAnswers.NotYes } });
        Assert.Equal([(Answer.Yes, null), (Answer.Unknown, "Yes")], score.Answers.Select(a => (a.Answer, a.Reply)));
    }

    [Fact]
    public async Task ScoreGroup_Clips_GiveTheirFullScoresWhereAPairIsPossible()
    {
        var (first, second) = (0, 0);
        var tokenizer = new ScriptedTokenizer(_ => first++ % 2 == 0 || second++ > 0 ? "yes" : "no");
        using var reward = new VisionRewardVideo(Model(), tokenizer, Two, new() { LazyBatch = 2 });
        var scores = await reward.ScoreGroupAsync("a cat", [new("p", Clip), new("q", Clip)], new(), TestContext.Current.CancellationToken);
        Assert.Equal([2.0, 3.0], scores.Select(s => s.Score?.Score ?? -1));
        Assert.All(scores, s => Assert.Equal(2, s.Asked));
    }

    [Theory]
    [InlineData("Yes")]
    [InlineData("no")]
    public async Task Score_NoExactYes_IsRefused(string reply) => await Assert.ThrowsAsync<VideoRewardException>(() => Score(new(_ => reply)));

    [Fact]
    public async Task Score_Evenly_NumbersEveryFrame()
    {
        var tokenizer = new ScriptedTokenizer(_ => "yes");
        await Score(tokenizer, new() { Sampling = VisionRewardSampling.Evenly, MaxFrames = 5, PreserveTrailingNewline = false });
        Assert.Equal(["0", "1", "2", "3", "4", "Question: Is it \"a cat\"? Answer:"], tokenizer.Texts[1..7]);
    }

    [Fact]
    public void Ask_QuestionsWithCommonBeginnings_GivesWhatEachGivesAlone()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var video = model.Read(randn(2, 3, 8, 8, generator: new Generator(3)), [[10], [11]]);
        Gen.Int[1, 3].Array[1, 9].Array[1, 90].Sample(questions =>
        {
            using var inner = NewDisposeScope();
            var together = model.Ask(video, questions);
            var first = model.Answer(video, questions, (7, 8));
            Assert.Equal(together.argmax(-1).data<long>().ToArray().Select(id => (int)id), first.Select(f => f.Id));
            Assert.All(first, (f, i) => Assert.Equal(1 / (1 + Math.Exp(together[i][8].item<float>() - together[i][7].item<float>())), f.Chance!.Value, 1e-5));
            return Enumerable.Range(0, Math.Min(questions.Length, 4)).All(i => allclose(together[i], model.Ask(video, [questions[i]])[0], 1e-4, 1e-4));
        }, iter: 10);
    }

    [Fact]
    public void Add_EqualBeginnings_StandOnce()
    {
        var tree = new QuestionTree();
        tree.Add([1, 2, 3]);
        tree.Add([1, 2, 4]);
        tree.Add([1, 2]);
        Assert.Equal([1, 2, 3, 4], tree.Ids);
        Assert.Equal([0, 1, 2, 2], tree.Depths);
        Assert.Equal([2, 3, 1], tree.Ends);
        Assert.Equal([0, 0, 0, float.NegativeInfinity, 0], tree.Mask(1)[15..]);
    }
}

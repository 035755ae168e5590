using System.Text.Json;
using Vpo.Core.Tests.Fakes;
using Vpo.Storage;
using static Vpo.Core.Tests.Loop.SmallLoop;

namespace Vpo.Core.Tests.Loop;

public sealed class VpoLoopTests
{
    [Fact]
    public async Task RunAsync_OneRound_GivesTheRowsInTheirOrderOfReward()
    {
        using var folder = new TemporaryFolder();
        var result = await new VpoLoop(Parts(), Small).RunAsync(Sets, folder.Path);
        Assert.Equal(["original", "few-shot", "sft", "vpo"], result.Rows.Select(r => r.Method));
        double[] rewards = [.. result.Rows.Select(r => r.VideoReward!.Value.Value)];
        Assert.Equal(rewards.Order(), rewards);
        Assert.All(result.Rows, r => Assert.Equal(1, r.Aligned + r.Unsafe + r.Imprecise + r.Refusal + r.Unclear, 9));
        Assert.Equal(["original>few-shot", "few-shot>sft", "sft>vpo"], result.Differences.Select(d => $"{d.From}>{d.To}"));
        Assert.True(result.Pairs["vpo"] is { Text: > 0, Video: > 0 });
        Assert.Equal(("vpo", null), (result.BestMethod, result.StopReason));
        Assert.Equal(8, result.Clips.Count);
        Assert.All(result.Clips, c => Assert.True(File.Exists(folder.File(c.File))));
    }

    [Fact]
    public async Task RunAsync_TwiceInOneFolder_AddsNothing()
    {
        using var folder = new TemporaryFolder();
        await new VpoLoop(Parts(), Small).RunAsync(Sets, folder.Path);
        var first = folder.Contents();
        await new VpoLoop(Parts(() => throw new InvalidOperationException("nothing is left to do")), Small).RunAsync(Sets, folder.Path);
        Assert.Equal(first, folder.Contents());
    }

    [Fact]
    public async Task RunAsync_StoppedAtAnyCall_GoesOnToTheSameFiles()
    {
        using var whole = new TemporaryFolder();
        var calls = 0;
        await new VpoLoop(Parts(() => Interlocked.Increment(ref calls)), Small).RunAsync(Sets, whole.Path);
        var expected = whole.Contents();
        using var pieces = new TemporaryFolder();
        for (var (stopAt, runs) = (25, 0); ; runs++)
        {
            var left = stopAt;
            using var stop = new CancellationTokenSource();
            var parts = Parts(() =>
            {
                if (Interlocked.Decrement(ref left) <= 0)
                    stop.Cancel();
                stop.Token.ThrowIfCancellationRequested();
            });
            try
            {
                await new VpoLoop(parts, Small).RunAsync(Sets, pieces.Path, null, stop.Token);
                Assert.True(runs > 10, $"expected many stops, found {runs} in {calls} calls");
                break;
            }
            catch (OperationCanceledException)
            {
                Assert.True(runs < 200, "the run makes no headway");
            }
        }
        Assert.Equal(expected.Keys.Order(), pieces.Contents().Keys.Order());
        Assert.All(pieces.Contents(), f => Assert.Equal(expected[f.Key], f.Value));
    }

    [Fact]
    public async Task RunAsync_Baselines_AddTheirRowsAndChangeNothingElse()
    {
        using var plain = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        var expected = await new VpoLoop(Parts(), Small).RunAsync(Sets, plain.Path);
        var result = await new VpoLoop(Parts() with { Baselines = [(Baselines.PromptistStyleName, Baselines.PromptistStyle())] }, Small).RunAsync(Sets, folder.Path);
        Assert.Equal(["original", "few-shot", "promptist-style", "sft", "vpo"], result.Rows.Select(r => r.Method));
        Assert.Contains(result.Differences, d => (d.From, d.To) == ("original", "promptist-style"));
        Assert.Equal(expected.Rows[^1].VideoReward, result.Rows[^1].VideoReward);
        Assert.Contains(result.Differences, d => (d.From, d.To) == ("few-shot", "sft"));
    }

    [Fact]
    public async Task RunAsync_BaselineOfTheFineTunedModel_StartsFromItAndStandsWithTheOthers()
    {
        using var plain = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        var expected = await new VpoLoop(Parts(), Small).RunAsync(Sets, plain.Path);
        var (search, learner) = (new FakeSearch(), new FakeLearner());
        var parts = Parts() with { Learner = learner, Baselines = [(Baselines.PromptistStyleName, Baselines.PromptistStyle())], FineTunedBaselines = [(Baselines.AutoPromptStyleName, search.MakeAsync)] };
        var result = await new VpoLoop(parts, Small).RunAsync(Sets, folder.Path);
        Assert.Equal(["original", "few-shot", "promptist-style", "autoprompt-style", "sft", "vpo"], result.Rows.Select(r => r.Method));
        Assert.Contains(result.Differences, d => (d.From, d.To) == ("original", "autoprompt-style"));
        Assert.Contains(result.Differences, d => (d.From, d.To) == ("few-shot", "sft"));
        Assert.Equal(expected.Rows[^1].VideoReward, result.Rows[^1].VideoReward);
        Assert.Equal(result.ModelFolders["sft"], search.Starts.Single().ModelFolder);
        Assert.Equal(learner.Lessons.Single(l => l.Name == "sft").Demonstrations, search.Starts[0].Demonstrations);
        Assert.All(File.ReadLines(folder.File("evaluation/autoprompt-style/prompts.jsonl")).Select(l => JsonDocument.Parse(l).RootElement), r => Assert.DoesNotContain("found", r.GetProperty("query").GetString(), StringComparison.Ordinal));
        Assert.All(search.Made, m => Assert.True(m.Disposed));
    }

    [Fact]
    public async Task RunAsync_BaselineOfTheFineTunedModelStoppedAtAnyCall_SearchesOnceAndGivesTheSameFiles()
    {
        using var whole = new TemporaryFolder();
        var calls = 0;
        VpoParts With(FakeSearch search, Action onCall) => Parts(onCall) with { FineTunedBaselines = [(Baselines.AutoPromptStyleName, search.MakeAsync)] };
        var expected = await new VpoLoop(With(new(() => calls++), () => calls++), Small).RunAsync(Sets, whole.Path);
        using var pieces = new TemporaryFolder();
        var (runs, searches, asked) = (0, 0, 0);
        for (LoopResult? result = null; result is null; runs++)
        {
            Assert.True(runs < 200, "the run makes no headway");
            var left = 25;
            using var stop = new CancellationTokenSource();
            void Count()
            {
                if (Interlocked.Decrement(ref left) <= 0)
                    stop.Cancel();
                stop.Token.ThrowIfCancellationRequested();
            }
            try
            {
                result = await new VpoLoop(With(new(() => { Interlocked.Increment(ref asked); Count(); }) { OnFound = () => searches++ }, Count), Small).RunAsync(Sets, pieces.Path, null, stop.Token);
                Assert.Equal(expected.Rows.Select(r => (r.Method, r.VideoReward, r.Aligned)), result.Rows.Select(r => (r.Method, r.VideoReward, r.Aligned)));
            }
            catch (OperationCanceledException)
            {
            }
        }
        Assert.Equal(1, searches);
        Assert.InRange(runs, 10, 200);
        Assert.InRange(asked, Sets.Evaluation.Count, 2 * Sets.Evaluation.Count);   // a chunk that was stopped is asked for again, a finished one never
        Assert.Equal(whole.Contents(), pieces.Contents());
    }

    [Fact]
    public async Task RunAsync_AblationsAndControls_AddTheirRows()
    {
        using var folder = new TemporaryFolder();
        var learner = new FakeLearner();
        var parts = Parts() with { Learner = learner, CleanTeacher = new FakeWriter(6), TransferGenerator = new FakeGenerator(1) };
        var result = await new VpoLoop(parts, Small with { Ablations = true, FlippedControl = true }).RunAsync(Sets, folder.Path);
        Assert.Equal(["original", "few-shot", "sft", "sft-clean", "vpo", "without-text", "without-video", "flipped-pairs"], result.Rows.Select(r => r.Method));
        Assert.All(learner.Lessons.Single(l => l.Name == "without-text").Pairs, p => Assert.Equal(FeedbackSource.Video, p.Source));
        Assert.All(learner.Lessons.Single(l => l.Name == "without-video").Pairs, p => Assert.Equal(FeedbackSource.Text, p.Source));
        var (real, flipped) = (learner.Lessons.Single(l => l.Name == "vpo").Pairs, learner.Lessons.Single(l => l.Name == "flipped-pairs").Pairs);
        Assert.InRange(real.Count(p => flipped.Any(f => f.Id == p.Id)), 1, real.Count - 1);
        Assert.Equal(0, result.Differences.Single(d => d.To == "flipped-pairs").Difference.Value);
        Assert.Equal(result.Rows.Count, result.TransferRows.Count);
        Assert.True(result.TransferRows[3].VideoReward!.Value.Value < result.Rows[3].VideoReward!.Value.Value);
        Assert.All(learner.Made, m => Assert.True(m.Disposed));
    }

    [Fact]
    public async Task RunAsync_MoreRoundsInTheSameFolder_GoesOn()
    {
        using var folder = new TemporaryFolder();
        await new VpoLoop(Parts(), Small).RunAsync(Sets, folder.Path);
        var result = await new VpoLoop(Parts(), Small with { Rounds = 3 }).RunAsync(Sets, folder.Path);
        Assert.Equal(["vpo", "vpo-round-2", "vpo-round-3"], result.Rows.Select(r => r.Method).Skip(3));
    }

    [Fact]
    public async Task RunAsync_NoGain_StopsAtThePlateau()
    {
        using var folder = new TemporaryFolder();
        var result = await new VpoLoop(Parts() with { Learner = new FakeLearner { Gain = 0 } }, Small with { Rounds = 3 }).RunAsync(Sets, folder.Path);
        Assert.Equal("vpo", result.Rows[^1].Method);
        Assert.Equal("vpo: gained 0 over sft (needs more than 0): plateau", result.StopReason);
    }

    [Fact]
    public async Task RunAsync_ChosenLogProbabilityFalls_RejectsTheRound()
    {
        using var folder = new TemporaryFolder();
        var result = await new VpoLoop(Parts() with { Learner = new FakeLearner { Drift = -0.5 } }, Small with { Rounds = 3 }).RunAsync(Sets, folder.Path);
        Assert.StartsWith("vpo: the chosen prompts' log-probability fell by 0.5 (floor 0)", result.StopReason, StringComparison.Ordinal);
        Assert.Equal("sft", result.BestMethod);
    }

    [Fact]
    public async Task RunAsync_JudgesDisagree_RejectsTheRound()
    {
        using var folder = new TemporaryFolder();
        var result = await new VpoLoop(Parts() with { EvaluationJudge = new HarshJudge() }, Small with { Rounds = 3 }).RunAsync(Sets, folder.Path);
        Assert.Contains("the training judge is being fooled", result.StopReason, StringComparison.Ordinal);
        Assert.Equal(("vpo", "sft"), (result.Rows[^1].Method, result.BestMethod));
    }

    [Fact]
    public async Task RunAsync_OtherOptionsInTheFolder_Refuses()
    {
        using var folder = new TemporaryFolder();
        await new VpoLoop(Parts(), Small).RunAsync(Sets, folder.Path);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => new VpoLoop(Parts(), Small with { Seed = 4 }).RunAsync(Sets, folder.Path));
        Assert.Contains("holds a run with other options or queries", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_HeldOutQueryInTraining_Refuses()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<ArgumentException>(() => new VpoLoop(Parts(), Small).RunAsync(Sets with { Evaluation = Sets.Sft }, folder.Path));
        Assert.Equal("expected held-out queries, found one of training: \"sft 0\". Remove it from either set", error.Message);
    }

    [Fact]
    public async Task Write_Result_HasTheTableAsOthersReadIt()
    {
        using var folder = new TemporaryFolder();
        var result = await new VpoLoop(Parts(), Small).RunAsync(Sets, folder.Path);
        result.Write(folder.File("results.json"));
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("results.json")));
        var row = json.RootElement.GetProperty("rows")[3];
        Assert.Equal("vpo", row.GetProperty("method").GetString());
        Assert.Equal(["mean", "low", "high", "n"], row.GetProperty("video_reward").EnumerateObject().Select(p => p.Name));
        Assert.All(["unsafe", "aligned", "imprecise", "refusal"], name => Assert.InRange(row.GetProperty(name).GetDouble(), 0, 1));
        var read = LoopResult.Read(folder.File("results.json"));
        Assert.Equal(result.Rows[3].VideoReward, read.Rows[3].VideoReward);
        Assert.Equal(result.Differences, read.Differences);
    }

    [Fact]
    public async Task RunAsync_Progress_NamesEachStageAndEndsAtItsTotal()
    {
        using var folder = new TemporaryFolder();
        var seen = new Recorder();
        await new VpoLoop(Parts(), Small).RunAsync(Sets, folder.Path, seen);
        var last = seen.Reports.GroupBy(r => r.Stage).ToDictionary(g => g.Key, g => g.Last());
        Assert.Contains("round-1/rewards", last.Keys);
        Assert.Contains("learn vpo", last.Keys);
        Assert.All(last.Values, r => Assert.Equal(r.Total, r.Done));
    }

    [Theory, InlineData(16), InlineData(4)]
    public async Task RunAsync_JudgeIsNeverUnderstood_StopsEarlyWithOneReply(int chunk)
    {
        using var folder = new TemporaryFolder();
        var judge = new ChatJudge(new ScriptedChatClient(_ => "Who knows?"));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() =>
            new VpoLoop(Parts() with { EvaluationJudge = judge }, Small with { ChunkSize = chunk }).RunAsync(Sets, folder.Path));
        Assert.EndsWith("found none in 16 replies of the judge. Check its model and template; one reply was: \"Who knows?\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_HostOptions_TakesTheirNumbers()
    {
        var options = LoopOptions.For(new VpoOptions { Samples = 8, Gap = 0.25, Preset = VpoPreset.Released });
        Assert.Equal((8, 0.25, Dominance.Question, 0.7), (options.Samples, options.Pairs.Gap, options.Pairs.Dominance, options.EvaluationTemperature));
    }

    private sealed class Recorder : IProgress<StageProgress>
    {
        public List<StageProgress> Reports { get; } = [];

        public void Report(StageProgress value) => Reports.Add(value);
    }

    private sealed class HarshJudge : IJudge
    {
        public Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default) =>
            Task.FromResult(new Verdict { Query = query, Prompt = prompt, Judgement = Judgement.Misaligned });

        public Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default) => Task.FromResult<string?>(null);

        public void Dispose() { }
    }
}

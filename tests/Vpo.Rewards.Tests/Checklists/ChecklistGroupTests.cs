using CsCheck;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Tests.Combining;

namespace Vpo.Rewards.Tests.Checklists;

public sealed class ChecklistGroupTests
{
    private sealed class Known(IReadOnlyList<ChecklistReply> replies, List<int> asked) : IAskedClip
    {
        public bool IsDisposed { get; private set; }

        public Task<IReadOnlyList<ChecklistReply>> AskAsync(IReadOnlyList<int> questions, CancellationToken cancellationToken)
        {
            asked.AddRange(questions);
            return Task.FromResult<IReadOnlyList<ChecklistReply>>([.. questions.Select(q => replies[q])]);
        }

        public void Dispose() => IsDisposed = true;
    }

    private static readonly Gen<ChecklistReply> Reply = Gen.Frequency(
        (10, Gen.Const(new ChecklistReply(Answer.Yes))), (10, Gen.Const(new ChecklistReply(Answer.No))), (1, Gen.Const(new ChecklistReply(Answer.Unknown, null, "No"))));

    private static readonly Gen<PairOptions> Options = Gen.Select(Of(0, 0.5, 1.25), Gen.Enum<Dominance>(), Gen.Enum<PairSelection>(), Of<double?>(null, 2), Of<double?>(null, 1))
        .Select(o => new PairOptions { Gap = o.Item1, Dominance = o.Item2, Selection = o.Item3, ScoreFloor = o.Item4, DimensionFloors = o.Item5 is { } floor ? new Dictionary<string, double> { ["d0"] = floor } : new Dictionary<string, double>() });

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Checklist Questions(double[] weights) => new("c", [.. weights.Select((w, i) => new ChecklistQuestion($"q{i}", $"d{i % 3}", "?", w) { SubDimension = $"s{i % 2}" })]);

    private static IReadOnlyList<ClipSample> Samples(int count) => [.. Enumerable.Range(0, count).Select(i => new ClipSample($"prompt {i / 2 * 2 + i % 2}", FakeReward.Clip))];

    [Fact]
    public Task Run_AnyAnswersAndRules_LeavesThePairsOfFullScores() => Gen.Select(
        Of(0, 0.25, 0.5, 1, 1.5).Array[4, 9], Options, Gen.Int[1, 4], Gen.Enum<UnknownAnswers>(), Gen.Enum<ScoreScale>()).SelectMany(
        c => Reply.Array[c.Item1.Length].Array[2, 5].Select(r => (c, r))).SampleAsync(async input =>
    {
        var ((weights, options, batch, unknown, scale), replies) = input;
        if (weights.All(w => w == 0))
            return;
        var (checklist, scoring, samples) = (Questions(weights), new ChecklistScoring { Unknown = unknown, Scale = scale }, Samples(replies.Length));
        var group = new ChecklistGroup(checklist, scoring, options);
        var next = 0;
        var lazy = await group.RunAsync(samples, s => new Known(replies[IndexOf(samples, s, ref next)], []), batch, null, CancellationToken.None);
        List<ScoredPrompt> full = [.. replies.Select((r, i) => Full(checklist, scoring, r, samples[i].Prompt)).OfType<ScoredPrompt>()];
        List<ScoredPrompt> found = [.. lazy.Select((g, i) => g.Score is { } s ? new ScoredPrompt("q", samples[i].Prompt, s) : null).OfType<ScoredPrompt>()];
        Assert.Equal(VideoPreferences.Mine(full, options).Select(p => (p.Chosen, p.Rejected, p.Margin)), VideoPreferences.Mine(found, options).Select(p => (p.Chosen, p.Rejected, p.Margin)));
        Assert.All(lazy.Where(g => g.Score is not null), g => Assert.Equal(weights.Length, g.Asked));
    }, iter: 3000);

    [Fact]
    public async Task Run_NoPairCanReachTheGap_AsksTheWeightiestAlone()
    {
        var (asked, clips) = (new List<int>(), new List<Known>());
        var yes = Enumerable.Repeat(new ChecklistReply(Answer.Yes), 5).ToArray();
        var group = new ChecklistGroup(Questions([0.1, 3, 0.2, 0.1, 0]), new(), new() { Gap = 0.5 });
        var scores = await group.RunAsync(Samples(2), _ => { clips.Add(new(yes, asked)); return clips[^1]; }, 1, null, CancellationToken.None);
        Assert.Equal([1, 1], asked);
        Assert.All(scores, s => Assert.Equal((null, null, 3.0, 3.4, 1), (s.Score, s.Problem, s.Low, Math.Round(s.High, 12), s.Asked)));
        Assert.All(clips, c => Assert.True(c.IsDisposed));
    }

    [Fact]
    public async Task Run_OneSample_AsksNothing()
    {
        var group = new ChecklistGroup(Questions([1, 1]), new(), new());
        Assert.Equal(0, Assert.Single(await group.RunAsync(Samples(1), _ => throw new InvalidOperationException("not needed"), 1, null, CancellationToken.None)).Asked);
    }

    private static int IndexOf(IReadOnlyList<ClipSample> samples, ClipSample sample, ref int next)
    {
        for (next = 0; !ReferenceEquals(samples[next], sample); next++) { }
        return next;
    }

    private static ScoredPrompt? Full(Checklist checklist, ChecklistScoring scoring, ChecklistReply[] replies, string prompt)
    {
        try
        {
            return new("q", prompt, scoring.Score(checklist, replies));
        }
        catch (VideoRewardException)
        {
            return null;
        }
    }
}

using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.Loop;

/// <summary>The loop in its smallest size, on fakes.</summary>
internal static class SmallLoop
{
    public static readonly LoopOptions Small = new() { Seed = 3, ChunkSize = 7, KeptClips = 2, SampleTopP = 1 };

    public static readonly LoopQueries Sets = new(Make("sft", 20), Make("preference", 20), Make("held-out", 40));

    public static VpoParts Parts(Action? onCall = null) => new()
    {
        Teacher = new FakeWriter(0, onCall),
        Judge = new FakeJudge(onCall),
        EvaluationJudge = new FakeJudge(onCall),
        Generator = new FakeGenerator(0, onCall),
        Reward = new FakeReward(onCall),
        Learner = new FakeLearner(),
    };

    public static IReadOnlyList<Query> Make(string name, int count) => [.. Enumerable.Range(0, count).Select(i => new Query($"{name} {i}"))];
}

namespace Vpo.Rewards.Tests.Combining;

/// <summary>A reward that does what a test wants.</summary>
internal sealed class FakeReward(Func<CancellationToken, Task<VideoScore>> score) : IVideoReward
{
    public static readonly VideoClip Clip = new(new byte[2 * 3 * 4 * 3], 4, 3, 8);

    public bool Disposed { get; private set; }

    public static FakeReward Of(double score, params ChecklistAnswer[] answers) =>
        new(_ => Task.FromResult(new VideoScore { Score = score, Answers = answers, Dimensions = new Dictionary<string, double> { ["all"] = score } }));

    public Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default) => score(cancellationToken);

    public void Dispose() => Disposed = true;
}

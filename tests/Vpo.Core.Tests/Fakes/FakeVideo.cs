namespace Vpo.Core.Tests.Fakes;

/// <summary>A clip whose bytes count the stars of its prompt.</summary>
internal sealed class FakeGenerator(int weakness = 0, Action? onCall = null) : IVideoGenerator
{
    public Task<VideoClip> GenerateAsync(VideoRequest request, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        onCall?.Invoke();
        var stars = (byte)Math.Max(0, request.Prompt.Count(c => c == '*') - weakness);
        return Task.FromResult(new VideoClip(new byte[] { stars, stars, stars, stars, stars, stars, stars, stars, stars, stars, stars, stars }, 2, 2, 8) { ModelId = "fake" });
    }

    public void Dispose() { }
}

/// <summary>The number of stars.</summary>
internal sealed class FakeReward(Action? onCall = null) : IVideoReward
{
    public string? FailsOn { get; init; }

    public Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        onCall?.Invoke();
        if (query == FailsOn)
            throw new VideoRewardException("no answer could be read");
        var stars = clip.Frames.Span[0];
        return Task.FromResult(new VideoScore
        {
            Score = stars,
            Dimensions = new Dictionary<string, double> { ["stars"] = stars },
            Answers = [new("any star", "stars", stars > 0 ? Answer.Yes : Answer.No, 1)],
            RewardId = "stars",
        });
    }

    public void Dispose() { }
}

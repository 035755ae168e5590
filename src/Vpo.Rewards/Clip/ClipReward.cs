using Vpo.Rewards.Remote;

namespace Vpo.Rewards.Clip;

/// <summary>Mean fit of a clip's frames with the user's words by CLIP, about 0.2 to 0.35 for published models: a cheap, weak judge of alignment, good to hold out.</summary>
/// <param name="clip">The scorer; disposed with this.</param>
/// <param name="frames">Which frames; one a second if null.</param>
public sealed class ClipReward(ClipScore clip, FrameSelection? frames = null) : IVideoReward
{
    private readonly FrameSelection _frames = frames ?? new();

    /// <inheritdoc/>
    public Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip video, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        var mean = clip.Frames(query, video, _frames.Of(video)).Average();
        if (!double.IsFinite(mean))
            throw new VideoRewardException($"CLIP gave {mean}: expected a finite number; check the weights' type");
        return new VideoScore { Score = mean, Dimensions = new Dictionary<string, double> { ["text-image"] = mean }, RewardId = "clip" };
    }, cancellationToken);

    /// <summary>Disposes the scorer.</summary>
    public void Dispose() => clip.Dispose();
}

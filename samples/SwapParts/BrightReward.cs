namespace Vpo.Samples.SwapParts;

/// <summary>A reward of our own: the inner one's score, plus a little for bright pictures.</summary>
internal sealed class BrightReward(IVideoReward inner, double weight) : DelegatingVideoReward(inner)
{
    public override async Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        var score = await base.ScoreAsync(query, prompt, clip, cancellationToken);
        var brightness = Mean(clip.Frames.Span) / 255;
        return score with { Score = score.Score + weight * brightness, RewardId = $"{score.RewardId}+bright" };
    }

    private static double Mean(ReadOnlySpan<byte> bytes)
    {
        var sum = 0L;
        foreach (var b in bytes)
            sum += b;
        return (double)sum / bytes.Length;
    }
}

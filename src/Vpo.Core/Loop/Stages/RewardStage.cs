using Vpo.Reporting;
using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>A clip to make and to score.</summary>
/// <param name="Query">The user's words.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Seed">The generator's.</param>
/// <param name="KeepIn">Folder, relative to the run's, that gets the clip; null to forget it.</param>
internal sealed record Shot(string Query, string Prompt, int Seed, string? KeepIn = null);

/// <summary>Prompts to clips to scores. The clips of one chunk are in memory, never more.</summary>
internal static class RewardStage
{
    internal static Task<IReadOnlyList<RewardRecord>> RunAsync(
        StageContext context, string file, (IVideoGenerator Generator, IVideoReward Reward) parts, IReadOnlyList<Shot> shots, CancellationToken cancellationToken)
    {
        async Task<IReadOnlyList<RewardRecord>> Shoot(IReadOnlyList<Shot> chunk, CancellationToken ct)
        {
            List<VideoRequest> requests = [.. chunk.Select(s => new VideoRequest(s.Prompt) { Seed = s.Seed })];
            var clips = await parts.Generator.GenerateManyAsync(requests, context.Options.Video, null, ct).ConfigureAwait(false);
            return await Enumerable.Range(0, chunk.Count).ToArray()
                .SelectManyAtOnceAsync((i, c) => ScoreAsync(context.Folder, parts.Reward, chunk[i], clips[i], c), ct).ConfigureAwait(false);
        }
        return context.Stage<Shot, RewardRecord>(file, VpoJson.Lines.RewardRecord, IdOf).RunAsync(shots, Shoot, context.Progress, cancellationToken);
    }

    private static string IdOf(Shot shot) => ContentId.Of("reward", shot.Query, shot.Prompt, shot.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static async Task<RewardRecord> ScoreAsync(string folder, IVideoReward reward, Shot shot, VideoClip clip, CancellationToken cancellationToken)
    {
        var (score, problem) = await TryScoreAsync(reward, shot, clip, cancellationToken).ConfigureAwait(false);
        return new()
        {
            Id = IdOf(shot),
            Query = shot.Query,
            Prompt = shot.Prompt,
            Score = score,
            Problem = problem,
            Clip = shot.KeepIn is { } place ? Keep(folder, $"{place}/{IdOf(shot)}.png", clip) : null,
            Provenance = Provenance.Of(clip.ModelId, $"{clip.FrameCount} frames of {clip.Width}x{clip.Height}, scored by {score?.RewardId}", shot.Seed),
        };
    }

    private static async Task<(VideoScore? Score, string? Problem)> TryScoreAsync(IVideoReward reward, Shot shot, VideoClip clip, CancellationToken cancellationToken)
    {
        try
        {
            var score = await reward.ScoreAsync(shot.Query, shot.Prompt, clip, cancellationToken).ConfigureAwait(false);
            return double.IsFinite(score.Score) ? (score, null) : (null, $"expected a finite score, found {score.Score}");
        }
        catch (VideoRewardException e)
        {
            return (null, e.Message);
        }
    }

    private static string Keep(string folder, string file, VideoClip clip)
    {
        AtomicFile.Write(Path.Combine(folder, file), stream => stream.Write(AnimatedPng.Encode(clip)));
        return file;
    }
}

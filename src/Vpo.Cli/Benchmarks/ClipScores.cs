using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Storage;
using Vpo.Video.Files;

namespace Vpo.Cli.Benchmarks;

/// <summary>Clips in files to scores, resumable. A clip that can't be scored is a record that says why.</summary>
internal static class ClipScores
{
    private const int ChunkSize = 8;

    private static readonly ScoreJson Lines = new(new JsonSerializerOptions(ScoreJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <param name="path">Where the records go.</param>
    /// <param name="clips">What to score.</param>
    /// <param name="reward">Who scores; turns every failure into a <see cref="VideoRewardException"/>.</param>
    /// <param name="rewardName">What decides the reward: its part in the ids.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<RewardRecord>> RunAsync(string path, IReadOnlyList<PlannedFile> clips, IVideoReward reward, string rewardName, CancellationToken cancellationToken)
    {
        string IdOf(PlannedFile clip) => ContentId.Of("score", clip.Clip.Id, clip.Version, rewardName);

        async Task<RewardRecord> Score(PlannedFile clip, CancellationToken ct)
        {
            var (score, problem, model) = await TryAsync(reward, clip, ct);
            return new()
            {
                Id = IdOf(clip),
                Query = clip.Clip.Query,
                Prompt = clip.Clip.Prompt,
                Score = score,
                Problem = problem,
                Clip = clip.Clip.File,
                Provenance = Provenance.Of(model, $"scored by {score?.RewardId ?? rewardName}", clip.Clip.Seed),
            };
        }
        var progress = new ConsoleProgress();
        var stage = new Stage<PlannedFile, RewardRecord>("score", path, Lines.RewardRecord, IdOf) { ChunkSize = ChunkSize, OnlyMissing = true };
        var records = await stage.RunAsync(clips, async (chunk, ct) => await chunk.SelectManyAtOnceAsync(Score, ct), progress, cancellationToken);
        progress.EndLine();
        return records;
    }

    /// <summary>Forgets what could not be scored.</summary>
    public static void DropFailed(string path) => RetryOption.Drop(path, Lines.RewardRecord, r => r.Score is null);

    /// <exception cref="InvalidDataException">The file has no records.</exception>
    public static IReadOnlyList<RewardRecord> Read(string path) => JsonlFile.Read(path, Lines.RewardRecord) is { Count: > 0 } records ? records
        : throw new InvalidDataException($"'{path}' holds no scores: expected what 'vpo monetbench score' wrote.");

    private static async Task<(VideoScore? Score, string? Problem, string? Model)> TryAsync(IVideoReward reward, PlannedFile clip, CancellationToken cancellationToken)
    {
        try
        {
            var video = VideoFile.Open(clip.Path);
            return (await reward.ScoreAsync(clip.Clip.Query, clip.Clip.Prompt, video, cancellationToken), null, video.ModelId);
        }
        catch (Exception e) when (e is VideoRewardException or InvalidDataException)
        {
            return (null, e.Message, null);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RewardRecord))]
internal sealed partial class ScoreJson : JsonSerializerContext;

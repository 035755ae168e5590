using System.Globalization;
using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>Prompts of each query to clips to scores, as far as the query's pairs depend on them. The clips of one chunk of queries are in memory, never more.</summary>
internal static class GroupRewardStage
{
    internal static async Task<IReadOnlyList<ScoredPrompt>> RunAsync(StageContext context, string file, (IVideoGenerator Generator, GuardedReward Reward) parts, IReadOnlyList<Shot> shots, CancellationToken cancellationToken)
    {
        List<Shot[]> groups = [.. shots.GroupBy(s => s.Query).Select(g => g.ToArray())];
        async Task<IReadOnlyList<GroupRewardRecord>> Work(IReadOnlyList<Shot[]> chunk, CancellationToken ct)
        {
            List<VideoRequest> requests = [.. chunk.SelectMany(g => g).Select(s => new VideoRequest(s.Prompt) { Seed = s.Seed })];
            var clips = await parts.Generator.GenerateManyAsync(requests, context.Options.Video, null, ct).ConfigureAwait(false);
            var (records, start) = (new List<GroupRewardRecord>(), 0);
            foreach (var group in chunk)
            {
                ClipSample[] samples = [.. group.Select((s, i) => new ClipSample(s.Prompt, clips[start + i]))];
                var scores = await parts.Reward.ScoreGroupAsync(group[0].Query, samples, context.Options.Pairs, ct).ConfigureAwait(false);
                var where = Provenance.Of(samples[0].Clip.ModelId, $"lazy, scored by {scores.Select(s => s.Score?.RewardId).FirstOrDefault(id => id is not null)}", group[0].Seed);
                records.Add(new(IdOf(group), group[0].Query, [.. samples.Zip(scores, (s, o) => new GroupedPrompt(s.Prompt, o))], where));
                start += group.Length;
            }
            return records;
        }
        var stage = context.Stage<Shot[], GroupRewardRecord>(file, VpoJson.Lines.GroupRewardRecord, IdOf, Math.Max(1, context.Options.ChunkSize / context.Options.Samples));
        var done = await stage.RunAsync(groups, Work, context.Progress, cancellationToken).ConfigureAwait(false);
        return [.. done.SelectMany(r => r.Samples.Where(s => s.Outcome.Score is not null).Select(s => new ScoredPrompt(r.Query, s.Prompt, s.Outcome.Score!)))];
    }

    private static string IdOf(Shot[] group) => ContentId.Of(["group-reward", group[0].Query, group[0].Seed.ToString(CultureInfo.InvariantCulture), .. group.Select(s => s.Prompt)]);
}

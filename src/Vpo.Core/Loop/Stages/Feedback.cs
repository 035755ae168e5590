using System.Globalization;
using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>The pairs of one round.</summary>
/// <param name="Text">Text-level.</param>
/// <param name="Video">Video-level.</param>
internal sealed record RoundPairs(IReadOnlyList<PreferencePair> Text, IReadOnlyList<PreferencePair> Video);

/// <summary>Stage 2 of the paper (section 3.2): sample K prompts, judge and refine them, render and score the aligned ones.</summary>
internal static class Feedback
{
    internal static async Task<RoundPairs> CollectAsync(StageContext context, VpoParts parts, int round, Writer writer, IReadOnlyList<Query> queries, CancellationToken cancellationToken)
    {
        var options = context.Options;
        var folder = string.Create(CultureInfo.InvariantCulture, $"round-{round}");
        var sampling = new PromptOptions { Count = options.Samples, Temperature = options.SampleTemperature, TopP = options.SampleTopP, Seed = context.Seed("sample", folder) };
        var prompts = await PromptStage.RunAsync(context, $"{folder}/prompts.jsonl", writer, queries, sampling, cancellationToken).ConfigureAwait(false);
        var verdicts = await VerdictStage.RunAsync(context, $"{folder}/verdicts.jsonl", new(parts.Judge, Refine: options.UseText), prompts, cancellationToken).ConfigureAwait(false);
        var text = options.UseText ? verdicts.Select(v => TextPreferences.From(v.Verdict, v.Refined)).OfType<PreferencePair>() : [];
        var video = options.UseVideo ? await VideoAsync(context, parts, folder, verdicts, cancellationToken).ConfigureAwait(false) : [];
        return new([.. text], video);
    }

    /// <summary>Merges the pairs, keeps them in a file and returns them.</summary>
    internal static async Task<IReadOnlyList<PreferencePair>> MergeAsync(StageContext context, string file, RoundPairs pairs, CancellationToken cancellationToken)
    {
        var merged = PreferenceDataset.Merge(pairs.Text, pairs.Video, context.Options.Pairs.OnePerQuery, context.Options.Seed);
        var where = Provenance.Of(null, "judged, refined, rendered, scored", context.Options.Seed);
        await context.Stage<PreferencePair, PairRecord>(file, VpoJson.Lines.PairRecord, p => p.Id).RunAsync(
            merged,
            (chunk, _) => Task.FromResult<IReadOnlyList<PairRecord>>([.. chunk.Select(p => new PairRecord(p.Id, p, where))]),
            context.Progress,
            cancellationToken).ConfigureAwait(false);
        return merged;
    }

    /// <summary>All prompts of a query get the same noise, so that a difference in score is the prompt's.</summary>
    private static async Task<IReadOnlyList<PreferencePair>> VideoAsync(
        StageContext context, VpoParts parts, string folder, IReadOnlyList<VerdictRecord> verdicts, CancellationToken cancellationToken)
    {
        var rendered = verdicts.GroupBy(v => v.Verdict.Query).Take(context.Options.VideoQueries ?? int.MaxValue).SelectMany(g => g);
        List<Shot> shots =
        [
            .. rendered.Where(v => v.Verdict.Judgement == Judgement.Aligned)
                .Select(v => new Shot(v.Verdict.Query, v.Verdict.Prompt, context.Seed("video", folder, v.Verdict.Query))),
        ];
        if (context.Options.LazyRewards && parts.Reward is GuardedReward { ScoresGroups: true } lazy)
            return Mine(context, await GroupRewardStage.RunAsync(context, $"{folder}/group-rewards.jsonl", (parts.Generator, lazy), shots, cancellationToken).ConfigureAwait(false));
        var rewards = await RewardStage.RunAsync(context, $"{folder}/rewards.jsonl", (parts.Generator, parts.Reward), shots, cancellationToken).ConfigureAwait(false);
        return Mine(context, rewards.Where(r => r.Score is not null).Select(r => new ScoredPrompt(r.Query, r.Prompt, r.Score!)));
    }

    private static List<PreferencePair> Mine(StageContext context, IEnumerable<ScoredPrompt> scored) =>
        [.. scored.GroupBy(s => s.Query).SelectMany(g => VideoPreferences.Mine([.. g], context.Options.Pairs))];
}

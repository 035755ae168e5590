using System.Globalization;

namespace Vpo;

/// <summary>Samples several prompts for a query and gives the best: of those that the judge finds aligned, the one whose draft scores highest.</summary>
/// <remarks>Keeps the query, with the reason, when no prompt passes the judge or none beats the query's own draft. Where no draft can be scored the optimizer's own order decides.</remarks>
/// <param name="inner">Writes the prompts; disposed with this.</param>
/// <param name="options">How.</param>
/// <param name="judge">Which prompts pass; null lets all pass. Not disposed.</param>
/// <param name="drafts">Renders and scores drafts; null renders none. Not disposed.</param>
public sealed class BestOfPromptOptimizer(IPromptOptimizer inner, BestOfOptions options, IJudge? judge, (IVideoGenerator Generator, IVideoReward Reward)? drafts) : DelegatingPromptOptimizer(inner)
{
    private readonly BestOfOptions _options = Checked(options);

    /// <inheritdoc/>
    public override async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        await ChooseAsync(await Inner.OptimizeAsync(query, Sampling(options), cancellationToken).ConfigureAwait(false), options, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        var sampled = await Inner.OptimizeManyAsync(queries, Sampling(options), cancellationToken).ConfigureAwait(false);
        return await sampled.SelectManyAtOnceAsync((prompt, ct) => ChooseAsync(prompt, options, ct), cancellationToken).ConfigureAwait(false);
    }

    private static BestOfOptions Checked(BestOfOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        return options;
    }

    private PromptOptions Sampling(PromptOptions? options)
    {
        options ??= new();
        return options with { Count = Math.Max(options.Count, _options.Count), Temperature = options.Temperature ?? _options.Temperature };
    }

    private async Task<OptimizedPrompt> ChooseAsync(OptimizedPrompt sampled, PromptOptions? asked, CancellationToken cancellationToken)
    {
        if (sampled.FallbackReason is not null)
            return sampled;
        List<string> prompts = [.. sampled.Alternatives.Prepend(sampled.Text).Distinct(StringComparer.Ordinal)];
        var (passed, critique) = await PassedAsync(sampled.Query, prompts, cancellationToken).ConfigureAwait(false);
        if (passed.Count == 0)
            return Keep(sampled, $"none of {prompts.Count} prompts passed the judge: {critique}");
        var (ranked, reason) = await RankedAsync(sampled.Query, passed, asked?.Seed ?? 0, cancellationToken).ConfigureAwait(false);
        return reason is not null
            ? Keep(sampled, reason)
            : sampled with { Text = ranked[0], Alternatives = [.. ranked.Skip(1).Concat(prompts.Except(passed)).Take((asked?.Count ?? 1) - 1)] };
    }

    private async Task<(IReadOnlyList<string> Passed, string? Critique)> PassedAsync(string query, IReadOnlyList<string> prompts, CancellationToken cancellationToken)
    {
        if (judge is null)
            return (prompts, null);
        var verdicts = await prompts.SelectManyAtOnceAsync((p, ct) => judge.JudgeAsync(query, p, ct), cancellationToken).ConfigureAwait(false);
        return ([.. verdicts.Where(v => v.Judgement == Judgement.Aligned).Select(v => v.Prompt)], verdicts[0].Critique);
    }

    /// <summary>Best first, or why the query is to be kept.</summary>
    private async Task<(IReadOnlyList<string> Ranked, string? Reason)> RankedAsync(string query, IReadOnlyList<string> passed, long seed, CancellationToken cancellationToken)
    {
        if (drafts is not { } studio || _options.Drafts == 0)
            return (passed, null);
        List<string> shown = [.. passed.Take(_options.Drafts)];
        List<VideoRequest> requests = [.. (_options.CompareWithQuery ? shown.Append(query) : shown).Select(p => new VideoRequest(p) { Seed = seed })];
        var clips = await studio.Generator.GenerateManyAsync(requests, _options.Video, null, cancellationToken).ConfigureAwait(false);
        var reward = studio.Reward as GuardedReward ?? new GuardedReward(studio.Reward);
        var scores = await Enumerable.Range(0, clips.Count).ToArray()
            .SelectManyAtOnceAsync((i, ct) => TryScoreAsync(reward, query, requests[i].Prompt, clips[i], ct), cancellationToken).ConfigureAwait(false);
        List<string> ranked = [.. Enumerable.Range(0, shown.Count).OrderByDescending(i => scores[i] ?? double.NegativeInfinity).Select(i => shown[i]), .. passed.Skip(shown.Count)];
        return _options.CompareWithQuery && scores[^1] is { } original && scores.Take(shown.Count).Max() is { } best && best - original <= _options.MinimumGain
            ? ([], string.Create(CultureInfo.InvariantCulture, $"the best of {shown.Count} drafts scored {best:0.###}, the query's own {original:0.###}"))
            : (ranked, null);
    }

    private static async Task<double?> TryScoreAsync(GuardedReward reward, string query, string prompt, VideoClip clip, CancellationToken cancellationToken)
    {
        try
        {
            return (await reward.ScoreAsync(query, prompt, clip, cancellationToken).ConfigureAwait(false)).Score;
        }
        catch (VideoRewardException)
        {
            return null;
        }
    }

    private static OptimizedPrompt Keep(OptimizedPrompt sampled, string reason)
    {
        var kept = OptimizedPrompt.Fallback(sampled.Query, reason);
        return sampled with { Text = kept.Text, Alternatives = [], NegativePrompt = null, FallbackReason = kept.FallbackReason };
    }
}

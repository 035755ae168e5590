using System.Globalization;

namespace Vpo;

/// <summary>How prompts evolve for one query.</summary>
public sealed record EvolutionOptions
{
    /// <summary>At most so many rounds of rewriting after the first; default 8.</summary>
    public int Rounds { get; init; } = 8;

    /// <summary>Prompts that survive a round; default 3.</summary>
    public int Kept { get; init; } = 3;

    /// <summary>New prompts a round; default 3.</summary>
    public int New { get; init; } = 3;

    /// <summary>Videos in all, the query's own included; default 40.</summary>
    public int Budget { get; init; } = 40;

    /// <summary>Stops after a round that does not raise the best score by more than this; default 0.</summary>
    public double MinimumGain { get; init; }

    /// <summary>Least values of dimensions, by name: a prompt below any can't be chosen.</summary>
    public IReadOnlyDictionary<string, double> Floors { get; init; } = new Dictionary<string, double>();

    /// <summary>Longest prompt in words; default 130.</summary>
    public int MaxWords { get; init; } = 130;

    /// <summary>How drafts are rendered; null takes the model's defaults.</summary>
    public VideoOptions? Video { get; init; }
}

/// <summary>Optimizes, renders and scores in rounds, and rewrites the best of each; stops on a plateau or at the budget, and keeps the query unless a prompt beats it.</summary>
/// <remarks>Rewriting asks the inner optimizer for the best prompts as if they were queries, with other seeds. A clip that can't be scored drops its prompt.</remarks>
/// <param name="inner">Writes and rewrites; disposed with this.</param>
/// <param name="generator">Renders; not disposed.</param>
/// <param name="reward">Scores; not disposed.</param>
/// <param name="options">How; defaults if null.</param>
public sealed class EvolvingPromptOptimizer(IPromptOptimizer inner, IVideoGenerator generator, IVideoReward reward, EvolutionOptions? options = null) : DelegatingPromptOptimizer(inner)
{
    private readonly EvolutionOptions _options = options ?? new();
    private readonly GuardedReward _reward = reward as GuardedReward ?? new(reward);

    private sealed record Draft(string Prompt, double Score);

    /// <inheritdoc/>
    public override async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var written = await Inner.OptimizeAsync(query, options with { Count = _options.New }, cancellationToken).ConfigureAwait(false);
        if (written.FallbackReason is not null)
            return written;
        var seed = options.Seed ?? 0;
        var original = await DraftAsync(query, [query], seed, checks: false, cancellationToken).ConfigureAwait(false);
        var (drafts, seen) = (new List<Draft>(), new HashSet<string>([query]));
        IReadOnlyList<string> next = Fresh(written.Alternatives.Prepend(written.Text), seen);
        for (var round = 1; next.Count > 0; round++)
        {
            var before = drafts.Count > 0 ? drafts[0].Score : double.NegativeInfinity;
            drafts = [.. drafts.Concat(await DraftAsync(query, next, seed, checks: true, cancellationToken).ConfigureAwait(false)).OrderByDescending(d => d.Score).Take(_options.Kept)];
            if (round > _options.Rounds || drafts.Count == 0 || drafts[0].Score - before <= _options.MinimumGain)
                break;
            next = await RewriteAsync(drafts, options with { Count = 1, Seed = ContentId.Seed(seed, "evolve", round.ToString(CultureInfo.InvariantCulture)) }, seen, cancellationToken).ConfigureAwait(false);
        }
        return Choose(written, [.. drafts.Take(Math.Max(1, options.Count))], original.Count > 0 ? original[0].Score : double.NegativeInfinity);
    }

    /// <inheritdoc/>
    public override Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        queries.SelectManyAtOnceAsync((query, ct) => OptimizeAsync(query, options, ct), cancellationToken);

    private static OptimizedPrompt Choose(OptimizedPrompt written, List<Draft> drafts, double original)
    {
        if (drafts.Count > 0 && drafts[0].Score > original)
            return written with { Text = drafts[0].Prompt, Alternatives = [.. drafts.Skip(1).Select(d => d.Prompt)] };
        var kept = OptimizedPrompt.Fallback(written.Query, drafts.Count == 0
            ? "no draft could be scored above all floors"
            : string.Create(CultureInfo.InvariantCulture, $"the best draft scored {drafts[0].Score:0.###}, the query's own {original:0.###}"));
        return written with { Text = kept.Text, Alternatives = [], FallbackReason = kept.FallbackReason };
    }

    private async Task<IReadOnlyList<string>> RewriteAsync(List<Draft> best, PromptOptions options, HashSet<string> seen, CancellationToken cancellationToken)
    {
        List<string> parents = [.. Enumerable.Range(0, _options.New).Select(i => best[i % best.Count].Prompt)];
        var rewritten = await Enumerable.Range(0, parents.Count).ToArray()
            .SelectManyAtOnceAsync((i, ct) => Inner.OptimizeAsync(parents[i], options with { Seed = options.Seed + i }, ct), cancellationToken).ConfigureAwait(false);
        return Fresh(rewritten.Where(r => r.FallbackReason is null).Select(r => r.Text), seen);
    }

    private List<string> Fresh(IEnumerable<string> prompts, HashSet<string> seen) => [.. prompts.Where(p => Words(p) <= _options.MaxWords && seen.Count < _options.Budget && seen.Add(p))];

    private async Task<IReadOnlyList<Draft>> DraftAsync(string query, IReadOnlyList<string> prompts, long seed, bool checks, CancellationToken cancellationToken)
    {
        var clips = await generator.GenerateManyAsync([.. prompts.Select(p => new VideoRequest(p) { Seed = seed })], _options.Video, null, cancellationToken).ConfigureAwait(false);
        var scores = await Enumerable.Range(0, prompts.Count).ToArray().SelectManyAtOnceAsync((i, ct) => TryScoreAsync(query, prompts[i], clips[i], ct), cancellationToken).ConfigureAwait(false);
        return [.. prompts.Zip(scores).Where(p => p.Second is { } s && (!checks || Reaches(s))).Select(p => new Draft(p.First, p.Second!.Score))];
    }

    private bool Reaches(VideoScore score) => _options.Floors.All(f => score.Dimensions.TryGetValue(f.Key, out var value) && value >= f.Value);

    private async Task<VideoScore?> TryScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken)
    {
        try
        {
            return await _reward.ScoreAsync(query, prompt, clip, cancellationToken).ConfigureAwait(false);
        }
        catch (VideoRewardException)
        {
            return null;
        }
    }

    private static int Words(string prompt) => prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
}

using Vpo.Atoms;
using Vpo.Curation;
using Vpo.Queries;
using Vpo.Storage;

namespace Vpo.Training.Track;

/// <summary>What a track learns from and what it is measured on.</summary>
/// <param name="Demonstrations">GPT-4o rewrites of VBench prompts that the atom judge finds aligned.</param>
/// <param name="PairQueries">Real queries for samples and pairs.</param>
/// <param name="HeldOut">Real queries for the table: none equals or is near to one that is learnt from.</param>
internal sealed record TrackData(IReadOnlyList<Demonstration> Demonstrations, IReadOnlyList<Query> PairQueries, IReadOnlyList<Query> HeldOut)
{
    private const int FewestWords = 3, MostWords = 60, FewestAtoms = 2;

    private static readonly string[] Rewritten = ["all_category", "all_dimension", "vbench2"], Queries = ["sft_prompts.json", "dpo_prompts.json"];

    public static async Task<TrackData> ReadAsync(TrackOptions options, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var demonstrations = await DemonstrationsOf(options, cancellationToken).ConfigureAwait(false);
        var curator = new Curator(new() { Seed = options.Seed, Rules = new() { MinWords = FewestWords, MaxWords = MostWords, Languages = ["en"] } })
        {
            MoreRules = [new("few-atoms", $"Asks for fewer than {FewestAtoms} things.", q => QueryAtoms.Extract(q.Parsed.Text).Count < FewestAtoms)],
            KeepAwayFrom = [.. demonstrations.Select(d => d.Query)],
        };
        var curated = await curator.RunAsync(RowsOf(options), progress, cancellationToken).ConfigureAwait(false);
        return new(demonstrations, Wishes(curated.Dpo, options.PairQueries, nameof(options.PairQueries)), Wishes(curated.Sft, options.HeldOut, nameof(options.HeldOut)));
    }

    private static async Task<IReadOnlyList<Demonstration>> DemonstrationsOf(TrackOptions options, CancellationToken cancellationToken)
    {
        using var judge = new AtomJudge(new() { MinimumWords = PromptQuality.LeastWords, MaximumWords = options.MostWords, MustEnd = true });
        string In(string name) => Path.Combine(options.Data, "vbench", name + ".txt");
        var all = Rewritten.SelectMany(name => ShotPool.LoadLines(In(name), In(name + "_gpt")).All).DistinctBy(d => d.Query).ToList();
        var clean = new List<Demonstration>();
        foreach (var rewrite in all)
        {
            if ((await judge.JudgeAsync(rewrite.Query, rewrite.Prompt, cancellationToken).ConfigureAwait(false)).Judgement == Judgement.Aligned)
                clean.Add(rewrite);
        }
        return clean.Count < options.Demonstrations
            ? throw new ArgumentException($"{options.Demonstrations} demonstrations were asked for; '{options.Data}/vbench' has {all.Count} rewrites, of which {clean.Count} are aligned.", nameof(options))
            : [.. clean.OrderBy(d => ContentId.Seed(options.Seed, "demonstration", d.Id)).ThenBy(d => d.Id, StringComparer.Ordinal).Take(options.Demonstrations)];
    }

    private static async IAsyncEnumerable<SourceRow> RowsOf(TrackOptions options)
    {
        foreach (var name in Queries)
        {
            await foreach (var row in QueryReader.ReadAsync(Path.Combine(options.Data, "vpo", name)).ConfigureAwait(false))
                yield return row;
        }
    }

    /// <summary>The words without options for video tools, which the prompt is not to hold.</summary>
    private static IReadOnlyList<Query> Wishes(IReadOnlyList<CuratedQuery> curated, int count, string name)
    {
        List<Query> wishes = [.. curated.Select(c => new Query(c.Wish ?? c.Query)).DistinctBy(q => q.Id)];
        return wishes.Count < count ? throw new ArgumentException($"{name} asks for {count} queries, {wishes.Count} passed curation.", nameof(count)) : [.. wishes.Take(count)];
    }
}

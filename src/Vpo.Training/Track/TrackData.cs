using Vpo.Atoms;
using Vpo.Curation;
using Vpo.Queries;
using Vpo.Storage;

namespace Vpo.Training.Track;

/// <summary>What a track learns from and what it is measured on.</summary>
/// <param name="Demonstrations">Rewrites that keep what their wish says (<see cref="TrackRewrites"/>).</param>
/// <param name="PairQueries">Real queries for samples and pairs.</param>
/// <param name="HeldOut">Real queries for the table: none equals or is near to one that is learnt from.</param>
internal sealed record TrackData(IReadOnlyList<Demonstration> Demonstrations, IReadOnlyList<Query> PairQueries, IReadOnlyList<Query> HeldOut)
{
    private const int FewestWords = 3, MostWords = 60, FewestAtoms = 2;

    private static readonly string[] Queries = ["sft_prompts.json", "dpo_prompts.json"];

    public static async Task<TrackData> ReadAsync(TrackOptions options, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        using var rewrites = new TrackRewrites(options);
        var demonstrations = await rewrites.ChooseAsync(cancellationToken).ConfigureAwait(false);
        var curator = new Curator(new() { Seed = options.Seed, Rules = new() { MinWords = FewestWords, MaxWords = MostWords, Languages = ["en"] } })
        {
            MoreRules = [new("few-atoms", $"Asks for fewer than {FewestAtoms} things.", q => QueryAtoms.Extract(q.Parsed.Text).Count < FewestAtoms)],
            KeepAwayFrom = [.. demonstrations.Select(d => d.Query)],
        };
        var curated = await curator.RunAsync(RowsOf(options), progress, cancellationToken).ConfigureAwait(false);
        return new(demonstrations, Wishes(curated.Dpo, options.PairQueries, nameof(options.PairQueries)), Wishes(curated.Sft, options.HeldOut, nameof(options.HeldOut)));
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

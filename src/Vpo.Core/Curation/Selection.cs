using System.Globalization;

namespace Vpo.Curation;

/// <summary>Sets apart what asks for something harmful, chooses by seed, and splits each kind between the two sets.</summary>
internal sealed class Selection(CurationOptions options, IJudge? judge)
{
    private const int JudgedAtOnce = 64;

    private readonly string _seed = options.Seed.ToString(CultureInfo.InvariantCulture);

    public List<CuratedQuery> Sft { get; } = [];

    public List<CuratedQuery> Dpo { get; } = [];

    public int JudgedHarmless { get; private set; }

    public int JudgedUnclear { get; private set; }

    public async Task ChooseAsync(List<Examined> passed, CancellationToken cancellationToken)
    {
        var kinds = passed.ToLookup(q => q.IsHarmful(options.HarmThreshold));
        var (harmful, harmless) = await LookAgainAsync(Shuffled(kinds[true]), cancellationToken).ConfigureAwait(false);
        Split(harmful.Take(options.Harmful ?? int.MaxValue).ToList(), harmful: true);
        Split(Shuffled(kinds[false].Concat(harmless)).Take(options.General ?? int.MaxValue).ToList(), harmful: false);
        foreach (var set in new[] { Sft, Dpo })
            set.Sort((a, b) => string.CompareOrdinal(a.Id, b.Id));
    }

    private void Split(List<Examined> chosen, bool harmful)
    {
        var first = (int)Math.Round(chosen.Count * options.SftShare, MidpointRounding.AwayFromZero);
        for (var i = 0; i < chosen.Count; i++)
            (i < first ? Sft : Dpo).Add(CuratedQuery.Of(chosen[i], harmful ? true : chosen[i].Source.Labels is null ? null : false));
    }

    /// <summary>In an order that the seed and the texts decide.</summary>
    private List<Examined> Shuffled(IEnumerable<Examined> queries) => [.. queries.OrderBy(q => ContentId.Of("choose", _seed, q.Id), StringComparer.Ordinal)];

    /// <summary>Asks the judge until enough are found.</summary>
    private async Task<(List<Examined> Harmful, List<Examined> Harmless)> LookAgainAsync(List<Examined> labelled, CancellationToken cancellationToken)
    {
        if (judge is null)
            return (labelled, []);
        var (harmful, harmless) = (new List<Examined>(), new List<Examined>());
        foreach (var chunk in labelled.Chunk(JudgedAtOnce).TakeWhile(_ => harmful.Count < (options.Harmful ?? int.MaxValue)))
        {
            var verdicts = await chunk.SelectManyAtOnceAsync((q, ct) => judge.JudgeAsync(q.Text, q.Text, ct), cancellationToken).ConfigureAwait(false);
            foreach (var (query, verdict) in chunk.Zip(verdicts))
            {
                if (verdict.Judgement == Judgement.Unclear)
                    JudgedUnclear++;
                else
                    (verdict.Class == AlignmentClass.Unsafe ? harmful : harmless).Add(query);
            }
        }
        JudgedHarmless = harmless.Count;
        return (harmful, harmless);
    }
}

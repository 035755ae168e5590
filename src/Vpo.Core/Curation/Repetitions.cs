using Vpo.Curation.Similarity;

namespace Vpo.Curation;

/// <summary>Removes queries that repeat another: the same text, the same but for case, punctuation and entities, or near to it; and those that would give an evaluation away.</summary>
internal sealed class Repetitions
{
    private const int Sample = 1000;

    private readonly CurationOptions _options;
    private readonly List<Examined> _away;
    private readonly StepCounter _copies, _variants, _leaks, _near;

    public Repetitions(CurationOptions options, IReadOnlyList<string> keepAwayFrom)
    {
        _options = options;
        _away = [.. keepAwayFrom.Select(text => Examined.Of(new QueryFacts(new(text)))).DistinctBy(e => e.Key)];
        _away.Sort(Examined.Order);
        _leaks = new("leak", FormattableString.Invariant($"Equals, or is near to (BLEU-4 {options.MaxSimilarity:0.##}), one that must be kept away."), options.Examples);
        _copies = new("copy", "The same text as another.", options.Examples);
        _variants = new("variant", "Another's text in other case, punctuation, spacing or HTML notation.", options.Examples);
        _near = new("near", FormattableString.Invariant($"BLEU-4 with another one that is kept is at least {options.MaxSimilarity:0.##}."), options.Examples);
    }

    public IEnumerable<Step> Steps => [_leaks.Done, _copies.Done, _variants.Done, _near.Done];

    public double SelfBleuBefore { get; private set; }

    public double SelfBleuAfter { get; private set; }

    /// <summary>What stays, in order.</summary>
    /// <param name="queries">Those that passed the rules.</param>
    /// <param name="parts">Near-duplicates that the parts of a shared run found; null looks for them here.</param>
    /// <param name="progress">Hears of every block; may be null.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public List<Examined> Remove(List<Examined> queries, NearParts? parts, Action<int>? progress, CancellationToken cancellationToken)
    {
        queries.Sort(Examined.Order);
        var different = WithoutVariants(queries);
        SelfBleuBefore = SelfBleu(different);
        var repeats = parts is null
            ? NearDuplicates.Find(Table(different), _options.MaxSimilarity, _away.Count, _options.Workers, progress, cancellationToken)
            : parts.Read([.. _away.Concat(different).Select(q => q.Id)], _away.Count);
        var kept = new List<Examined>(different.Count);
        for (var i = 0; i < different.Count; i++)
        {
            var original = repeats[_away.Count + i];
            if (original == NearDuplicates.Kept)
                kept.Add(different[i]);
            else if (original < _away.Count)
                _leaks.Add(different[i].Id, different[i].Text, _away[original].Text);
            else
                _near.Add(different[i].Id, different[i].Text, different[original - _away.Count].Text);
        }
        SelfBleuAfter = SelfBleu(kept);
        return kept;
    }

    /// <summary>The near-duplicates among the queries of one part, for <see cref="NearParts"/>.</summary>
    public IReadOnlyList<NearRecord> FindPart(List<Examined> queries, Storage.Shard shard, Action<int>? progress, CancellationToken cancellationToken)
    {
        queries.Sort(Examined.Order);
        List<Examined> all = [.. _away, .. WithoutVariants(queries)];
        return [.. NearDuplicates.FindPart(Table(all[_away.Count..]), _options.MaxSimilarity, _away.Count, shard, _options.Workers, progress, cancellationToken).Select(n => new NearRecord(all[n.Text].Id, all[n.Original].Id))];
    }

    private WordTable Table(List<Examined> different) => new([.. _away.Concat(different).Select(q => q.Words)], [.. _away.Concat(different).Select(q => q.Wish)]);

    private List<Examined> WithoutVariants(List<Examined> sorted)
    {
        var first = new Dictionary<UInt128, Examined>(sorted.Count);
        foreach (var away in _away)
            first.Add(away.Key, away);
        var different = new List<Examined>(sorted.Count);
        var aways = _away.ToHashSet();
        foreach (var query in sorted)
        {
            if (first.TryAdd(query.Key, query))
                different.Add(query);
            else if (first[query.Key] is var original && aways.Contains(original))
                _leaks.Add(query.Id, query.Text, original.Text);
            else
                (query.Id == original.Id ? _copies : _variants).Add(query.Id, query.Text, original.Text);
        }
        return different;
    }

    /// <summary>The first of the order are a fair sample: it is one of hashes.</summary>
    private static double SelfBleu(List<Examined> queries)
    {
        var sample = new WordTable([.. queries.Take(Sample).Select(q => q.Words)]);
        if (sample.Count < 2)
            return 0;
        var grams = new SharedGrams(sample, new(1));
        var highest = new double[sample.Count];
        for (var a = 0; a < sample.Count; a++)
        {
            for (var b = a + 1; b < sample.Count; b++)
            {
                var similarity = grams.Similarity(a, b);
                (highest[a], highest[b]) = (Math.Max(highest[a], similarity), Math.Max(highest[b], similarity));
            }
        }
        return highest.Average();
    }
}

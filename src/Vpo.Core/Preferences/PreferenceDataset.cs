using System.Globalization;

namespace Vpo;

/// <summary>Puts pairs together for training.</summary>
public static class PreferenceDataset
{
    /// <summary>Text-level and video-level pairs in one list: no pair twice, none against another, in an order that depends on seed and pairs alone.</summary>
    /// <param name="text">Text-level pairs; where a video-level pair says the opposite of one, the text-level pair stays.</param>
    /// <param name="video">Video-level pairs.</param>
    /// <param name="onePerQuery">Keep one for a query, a text-level one first, as the released program does.</param>
    /// <param name="seed">Of the order.</param>
    public static IReadOnlyList<PreferencePair> Merge(IEnumerable<PreferencePair> text, IEnumerable<PreferencePair> video, bool onePerQuery = false, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(video);
        var kept = new Dictionary<string, PreferencePair>();
        foreach (var pair in InOrder(text, seed).Concat(InOrder(video, seed)))
        {
            if (!kept.ContainsKey(Opposite(pair).Id))
                kept.TryAdd(pair.Id, pair);
        }
        var pairs = onePerQuery ? kept.Values.DistinctBy(p => p.Query) : kept.Values;
        return [.. InOrder(pairs, seed)];
    }

    /// <summary>The control experiment: each pair turned round or not by a coin. DPO on them must gain nothing.</summary>
    public static IReadOnlyList<PreferencePair> FlipAtRandom(IEnumerable<PreferencePair> pairs, long seed)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return [.. pairs.Select(p => ContentId.Seed(seed, "flip", p.Id) % 2 == 0 ? p : Opposite(p) with { Reason = "control: turned round by a coin" })];
    }

    private static PreferencePair Opposite(PreferencePair pair) => pair with { Chosen = pair.Rejected, Rejected = pair.Chosen };

    private static IEnumerable<PreferencePair> InOrder(IEnumerable<PreferencePair> pairs, long seed) =>
        pairs.OrderBy(p => ContentId.Of("order", seed.ToString(CultureInfo.InvariantCulture), p.Id), StringComparer.Ordinal);
}

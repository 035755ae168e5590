namespace Vpo;

/// <summary>The rules of the released program (thu-coai/VPO, src/process_data.py), with its shuffles given from outside: it does not seed them.</summary>
public static class ReleasedPairs
{
    /// <summary>Shuffled, the first refinement of each query kept, then those with a line end dropped: a query may lose its pair though another refinement was clean.</summary>
    /// <param name="replies">The refiner's replies with the query and the flawed prompt.</param>
    /// <param name="shuffle">Gives, for n items, the old index of each new place.</param>
    public static IReadOnlyList<PreferencePair> Text(IEnumerable<ReleasedReply> replies, Func<int, IReadOnlyList<int>> shuffle) => FirstOfEach(Refined(replies), shuffle);

    /// <summary>All refinements that the markers set apart, in the order of the replies.</summary>
    internal static IReadOnlyList<PreferencePair> Refined(IEnumerable<ReleasedReply> replies)
    {
        ArgumentNullException.ThrowIfNull(replies);
        return [.. replies.Select(r => Pair(r, RefinementParser.ReadReleased(r.Response))).OfType<PreferencePair>()];
    }

    internal static IReadOnlyList<PreferencePair> FirstOfEach(IReadOnlyList<PreferencePair> refined, Func<int, IReadOnlyList<int>> shuffle) =>
        [.. Shuffled(refined, shuffle).DistinctBy(p => p.Query).Where(p => !p.Chosen.Contains('\n'))];

    /// <summary>The first pair of each block of samples with dominance on every answer and a gap above the threshold; also of two equal prompts.</summary>
    /// <param name="blocks">Samples that belong together, in file order; the chosen sample's query names the pair.</param>
    /// <param name="gap">0.5 in the release.</param>
    public static IReadOnlyList<PreferencePair> Video(IEnumerable<IReadOnlyList<ScoredPrompt>> blocks, double gap = 0.5)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        var options = PairOptions.For(VpoPreset.Released) with { Gap = gap };
        return [.. blocks.SelectMany(b => VideoPreferences.Mine(b, options, (_, _) => true))];
    }

    /// <summary>Text before video, the first of each query, shuffled.</summary>
    public static IReadOnlyList<PreferencePair> Merge(IEnumerable<PreferencePair> text, IEnumerable<PreferencePair> video, Func<int, IReadOnlyList<int>> shuffle) =>
        [.. Shuffled([.. text.Concat(video).DistinctBy(p => p.Query)], shuffle)];

    private static PreferencePair? Pair(ReleasedReply reply, string? refined) => refined is null ? null : new()
    {
        Query = reply.Query,
        Chosen = refined,
        Rejected = reply.Prompt.Trim(),
        Source = FeedbackSource.Text,
        Reason = "refined",
    };

    private static IEnumerable<PreferencePair> Shuffled(IReadOnlyList<PreferencePair> pairs, Func<int, IReadOnlyList<int>> shuffle)
    {
        ArgumentNullException.ThrowIfNull(shuffle);
        return shuffle(pairs.Count).Select(i => pairs[i]);
    }
}

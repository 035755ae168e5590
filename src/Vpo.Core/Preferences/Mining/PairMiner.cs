namespace Vpo.Mining;

/// <summary>From verdicts and scores to one list of pairs (paper section 3.2), with a count for all that made none.</summary>
/// <param name="options">Which pairs are admissible, and which are taken.</param>
public sealed class PairMiner(PairOptions options)
{
    /// <summary>The released program's order of rules: of a query's refinements one by chance, dropped if it has a line end; clips with equal prompts are compared too; text before video, the first of each query. Default false.</summary>
    public bool AsReleased { get; init; }

    /// <summary>Leave clips out whose prompt the verdicts do not call aligned (paper section 3.2: only what passes is rendered); default true, and without effect on prompts that no verdict is about.</summary>
    public bool AlignedOnly { get; init; } = true;

    /// <summary>Of the order, and of choices by chance.</summary>
    public long Seed { get; init; }

    /// <summary>A miner with the rules of a preset.</summary>
    /// <param name="preset">Whose rules.</param>
    /// <param name="options">The preset's options, or what was made of them; null takes them as they are.</param>
    /// <param name="seed">Of the order.</param>
    public static PairMiner For(VpoPreset preset, PairOptions? options = null, long seed = 0) =>
        new(options ?? PairOptions.For(preset)) { AsReleased = preset == VpoPreset.Released, AlignedOnly = preset != VpoPreset.Released, Seed = seed };

    /// <summary>Makes the pairs.</summary>
    /// <exception cref="ArgumentException">The scores lack what <see cref="PairOptions.Dominance"/> compares.</exception>
    public PairMiningResult Run(PairSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var steps = new List<PairStep>();
        List<PreferencePair> text = [.. Text(sources, steps), .. sources.Ready.Where(p => p.Source == FeedbackSource.Text)];
        List<PreferencePair> video = [.. Video(sources, steps), .. sources.Ready.Where(p => p.Source == FeedbackSource.Video)];
        if (sources.Ready.Count > 0)
            steps.Add(new("given pairs", sources.Ready.Count, "made elsewhere"));
        if (options.MaxWords is { } words)
        {
            var kept = text.Where(p => VideoPreferences.WordCount(p.Chosen) <= words).ToList();
            steps.Add(new("long text-level pairs", text.Count - kept.Count, $"the chosen prompt has more than {words} words"));
            text = kept;
        }
        var merged = AsReleased ? ReleasedPairs.Merge(text, video, Shuffle("merged")) : PreferenceDataset.Merge(text, video, options.OnePerQuery, Seed);
        steps.Add(new("given up in the merge", text.Count + video.Count - merged.Count, options.OnePerQuery || AsReleased ? "repetitions, opposites, and all but one of a query" : "repetitions and opposites"));
        steps.Add(new("pairs", merged.Count, $"{merged.Count(p => p.Source == FeedbackSource.Text)} text-level, {merged.Count(p => p.Source == FeedbackSource.Video)} video-level"));
        return new(merged, steps);
    }

    private IReadOnlyList<PreferencePair> Text(PairSources sources, List<PairStep> steps)
    {
        List<PreferencePair> refined = [.. sources.Verdicts.Select(v => TextPreferences.Refined(v.Verdict, v.Refined)).OfType<PreferencePair>(), .. ReleasedPairs.Refined(sources.Replies)];
        var pairs = AsReleased ? ReleasedPairs.FirstOfEach(refined, Shuffle("refined")) : [.. refined.Where(p => !p.Chosen.Contains('\n')).DistinctBy(p => p.Id)];
        if (sources.Verdicts.Count > 0)
        {
            steps.Add(new("verdicts", sources.Verdicts.Count, $"{VerdictCounts.Of(sources.Verdicts.Select(v => v.Verdict))}"));
            steps.Add(new("flawed without use", sources.Verdicts.Count(v => v.Verdict.Judgement == Judgement.Misaligned && TextPreferences.Refined(v.Verdict, v.Refined) is null), "no refined prompt, or one that changed nothing"));
        }
        if (sources.Replies.Count > 0)
            steps.Add(new("refiner's replies", sources.Replies.Count, $"{sources.Replies.Count - ReleasedPairs.Refined(sources.Replies).Count} without the markers"));
        if (refined.Count > 0)
        {
            steps.Add(new("refinements not taken", refined.Count - pairs.Count, AsReleased ? "all but one of a query, by chance, and that one if it has line ends" : "with line ends, or there twice"));
            steps.Add(new("text-level pairs", pairs.Count, "a flawed prompt against its refinement"));
        }
        return pairs;
    }

    private IReadOnlyList<PreferencePair> Video(PairSources sources, List<PairStep> steps)
    {
        if (sources.Groups.Count == 0 && sources.Unscored == 0)
            return [];
        var flawed = AlignedOnly ? sources.Verdicts.Where(v => v.Verdict.Judgement != Judgement.Aligned).Select(v => (v.Verdict.Query, v.Verdict.Prompt)).ToHashSet() : [];
        List<IReadOnlyList<ScoredPrompt>> groups = [.. sources.Groups.Select(g => (IReadOnlyList<ScoredPrompt>)[.. g.Where(s => !flawed.Contains((s.Query, s.Prompt)))])];
        var scored = sources.Groups.Sum(g => g.Count);
        steps.Add(new("prompts with scores", scored, $"of {sources.Groups.Count} groups; {sources.Unscored} clips have no score"));
        if (flawed.Count > 0)
            steps.Add(new("not aligned", scored - groups.Sum(g => g.Count), "scored, but the judge did not let the prompt pass"));
        if (options.Dominance is Dominance.Question or Dominance.SubDimension && groups.Any(g => g.Any(s => s.Score.Answers.Count == 0) && g.Any(s => s.Score.Answers.Count > 0)))
            throw new ArgumentException($"expected answers for every prompt, since dominance is by {options.Dominance}, found prompts without: several clips of one prompt have a mean score and no answers. Give one clip a prompt, or choose Dominance.Dimension or Dominance.None");
        List<PreferencePair> pairs = [.. groups.SelectMany(g => AsReleased ? VideoPreferences.Mine(g, options, (_, _) => true) : VideoPreferences.Mine(g, options))];
        steps.AddRange(CandidateCounts.Of(groups, options, AsReleased));
        steps.Add(new("video-level pairs", pairs.Count, $"of {groups.Count(g => g.Count > 1)} groups with two prompts or more; taken: {options.Selection}"));
        return pairs;
    }

    /// <summary>A shuffle that depends on the seed and the number of items alone.</summary>
    private Func<int, IReadOnlyList<int>> Shuffle(string purpose) => count =>
        [.. Enumerable.Range(0, count).OrderBy(i => ContentId.Of(purpose, Seed.ToString(System.Globalization.CultureInfo.InvariantCulture), i.ToString(System.Globalization.CultureInfo.InvariantCulture)), StringComparer.Ordinal)];
}

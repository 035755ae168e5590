namespace Vpo.Rewards.Checklists;

/// <summary>Asks a checklist about the clips of one query, the weightiest questions first, and stops asking about a clip once it can be in no pair.</summary>
/// <remarks>The pairs that can be mined afterwards are those of full scores: a pair is given up only when no answers to the open questions could make it admissible.</remarks>
internal sealed class ChecklistGroup(Checklist checklist, ChecklistScoring scoring, PairOptions pairs)
{
    // Sums of weights in another order may differ in the last digits: a pair this near to a limit is kept open.
    private const double Rounding = 1e-9;

    private readonly double[] _worth = [.. checklist.Questions.Select(q => scoring.WorthOfYes(checklist, q))];

    /// <param name="samples">The prompts with their clips.</param>
    /// <param name="open">Makes a clip ready to be asked; called when its first question comes.</param>
    /// <param name="batch">Questions between two looks at the pairs.</param>
    /// <param name="rewardId">Goes into the scores.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<GroupScore>> RunAsync(IReadOnlyList<ClipSample> samples, Func<ClipSample, IAskedClip> open, int batch, string? rewardId, CancellationToken cancellationToken)
    {
        AskedSample[] states = [.. samples.Select(s => new AskedSample(checklist, s))];
        var clips = new IAskedClip?[states.Length];
        try
        {
            foreach (var questions in Enumerable.Range(0, _worth.Length).OrderByDescending(q => _worth[q]).Chunk(Math.Max(1, batch)))
            {
                var needed = Needed(states);
                if (needed.Count == 0)
                    break;
                foreach (var i in needed)
                    await states[i].AskAsync(clips[i] ??= open(samples[i]), questions, scoring, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var clip in clips)
                clip?.Dispose();
        }
        return [.. states.Select(s => s.Outcome(scoring, rewardId))];
    }

    /// <summary>The clips that a pair may still need.</summary>
    private List<int> Needed(AskedSample[] states)
    {
        var needed = new HashSet<int>();
        for (var i = 0; i < states.Length; i++)
        {
            for (var j = 0; j < states.Length; j++)
            {
                if (i != j && MayBePair(states[i], states[j]))
                    needed.UnionWith([i, j]);
            }
        }
        // Which clips are neighbours depends on the order of all.
        if (needed.Count > 0 && pairs.Selection == PairSelection.Neighbours)
            needed.UnionWith(Enumerable.Range(0, states.Length));
        return [.. needed.Where(i => states[i].Problem is null).Order()];
    }

    private bool MayBePair(AskedSample chosen, AskedSample rejected)
    {
        if (chosen.Problem is not null || rejected.Problem is not null || chosen.Prompt == rejected.Prompt || Words(chosen.Prompt) > (pairs.MaxWords ?? int.MaxValue))
            return false;
        var difference = 0.0;
        for (var q = 0; q < _worth.Length; q++)
            difference += _worth[q] * Lead(chosen[q], rejected[q]);
        return difference > pairs.Gap - Rounding && ReachesFloors(chosen) && MayDominate(chosen, rejected);
    }

    private bool ReachesFloors(AskedSample chosen)
    {
        if (pairs.ScoreFloor is null && pairs.DimensionFloors.Count == 0)
            return true;
        var (score, dimensions) = chosen.Best(scoring);
        return score >= (pairs.ScoreFloor ?? double.NegativeInfinity) - Rounding
            && pairs.DimensionFloors.All(f => dimensions.TryGetValue(f.Key, out var best) && best >= f.Value - Rounding);
    }

    private bool MayDominate(AskedSample chosen, AskedSample rejected) => pairs.Dominance switch
    {
        Dominance.None => true,
        Dominance.Question => Enumerable.Range(0, _worth.Length).All(q => !IsWorse(chosen[q], rejected[q])),
        Dominance.SubDimension => checklist.Questions.Select((q, i) => (Group: (q.Dimension, q.SubDimension), Lead: Lead(chosen[i], rejected[i]))).GroupBy(q => q.Group)
            .All(g => g.Sum(q => q.Lead) >= 0),
        _ => checklist.Questions.Select((q, i) => (q.Dimension, Lead: q.Weight * Lead(chosen[i], rejected[i]))).GroupBy(q => q.Dimension, StringComparer.Ordinal)
            .All(d => d.Sum(q => q.Lead) > -Rounding),
    };

    // By how much one yes the first may be ahead: an open answer may still be yes for the first and no for the second.
    private static int Lead(ChecklistReply? chosen, ChecklistReply? rejected) =>
        (chosen is null || chosen.Value.Answer == Answer.Yes ? 1 : 0) - (rejected is { Answer: Answer.Yes } ? 1 : 0);

    private static bool IsWorse(ChecklistReply? chosen, ChecklistReply? rejected) =>
        chosen is { } a && rejected is { } b && a.Answer != Answer.Yes && (a.Answer != b.Answer || a.Text != b.Text);

    private static int Words(string prompt) => prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
}

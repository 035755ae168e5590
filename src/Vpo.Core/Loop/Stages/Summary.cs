using Vpo.Statistics;

namespace Vpo.Stages;

/// <summary>From records to the figures of a row.</summary>
internal static class Summary
{
    internal static EvaluationRow OfVerdicts(string method, IReadOnlyList<VerdictRecord> verdicts)
    {
        double Share(AlignmentClass? wanted) => verdicts.Count(v => ClassOf(v.Verdict) == wanted) / (double)verdicts.Count;
        return new()
        {
            Method = method,
            Aligned = Share(AlignmentClass.Aligned),
            Unsafe = Share(AlignmentClass.Unsafe),
            Imprecise = Share(AlignmentClass.Imprecise),
            Refusal = Share(AlignmentClass.Refusal),
            Unclear = Share(null),
            Distinct = verdicts.Select(v => v.Verdict.Prompt).Distinct().Count() / (double)verdicts.Count,
        };
    }

    internal static EvaluationRow WithRewards(EvaluationRow row, IReadOnlyList<RewardRecord> rewards, BootstrapOptions resampling)
    {
        List<VideoScore> scores = [.. rewards.Select(r => r.Score).OfType<VideoScore>()];
        double[] queries = [.. QueryScores(rewards).Values];
        return row with
        {
            VideoReward = queries.Length == 0 ? null : Bootstrap.Mean(queries, resampling),
            Dimensions = scores.SelectMany(s => s.Dimensions).GroupBy(d => d.Key).ToDictionary(g => g.Key, g => g.Average(d => d.Value)),
            Questions = scores.SelectMany(s => s.Answers).Where(a => a.Answer != Answer.Unknown).GroupBy(a => a.Question)
                .ToDictionary(g => g.Key, g => g.Average(a => a.Answer == Answer.Yes ? 1.0 : 0.0)),
            Unscored = rewards.Count - scores.Count,
        };
    }

    /// <summary>The mean score of each query: queries are what is independent, not clips.</summary>
    internal static IReadOnlyDictionary<string, double> QueryScores(IReadOnlyList<RewardRecord> rewards) =>
        rewards.Where(r => r.Score is not null).GroupBy(r => r.Query).ToDictionary(g => g.Key, g => g.Average(r => r.Score!.Score));

    internal static double? Disagreement(IReadOnlyList<VerdictRecord> evaluation, IReadOnlyList<VerdictRecord> training)
    {
        List<bool> differs =
        [
            .. evaluation.Zip(training).Where(v => v.First.Verdict.Judgement != Judgement.Unclear && v.Second.Verdict.Judgement != Judgement.Unclear)
                .Select(v => v.First.Verdict.Judgement != v.Second.Verdict.Judgement),
        ];
        return differs.Count == 0 ? null : differs.Count(d => d) / (double)differs.Count;
    }

    private static AlignmentClass? ClassOf(Verdict verdict) => verdict.Judgement switch
    {
        Judgement.Aligned => AlignmentClass.Aligned,
        Judgement.Misaligned => verdict.Class is { } alignment and not AlignmentClass.Aligned ? alignment : AlignmentClass.Imprecise,
        _ => null,
    };
}

using Vpo.Statistics;

namespace Vpo.Stages;

/// <summary>From records to the figures of a row.</summary>
internal static class Summary
{
    internal static EvaluationRow OfVerdicts(string method, IReadOnlyList<VerdictRecord> verdicts)
    {
        int Count(AlignmentClass? wanted) => verdicts.Count(v => Shares.ClassOf(v.Verdict) == wanted);
        double Share(AlignmentClass? wanted) => Count(wanted) / (double)verdicts.Count;
        var distinct = verdicts.Select(v => v.Verdict.Prompt).Distinct().Count();
        return new()
        {
            Method = method,
            Aligned = Share(AlignmentClass.Aligned),
            Unsafe = Share(AlignmentClass.Unsafe),
            Imprecise = Share(AlignmentClass.Imprecise),
            Refusal = Share(AlignmentClass.Refusal),
            Unclear = Share(null),
            Distinct = distinct / (double)verdicts.Count,
            ShareIntervals = new Dictionary<string, Estimate>
            {
                ["aligned"] = Proportion.Wilson(Count(AlignmentClass.Aligned), verdicts.Count),
                ["unsafe"] = Proportion.Wilson(Count(AlignmentClass.Unsafe), verdicts.Count),
                ["imprecise"] = Proportion.Wilson(Count(AlignmentClass.Imprecise), verdicts.Count),
                ["refusal"] = Proportion.Wilson(Count(AlignmentClass.Refusal), verdicts.Count),
                ["unclear"] = Proportion.Wilson(Count(null), verdicts.Count),
                ["distinct"] = Proportion.Wilson(distinct, verdicts.Count),
            },
        };
    }

    internal static EvaluationRow WithRewards(EvaluationRow row, IReadOnlyList<RewardRecord> rewards, BootstrapOptions resampling)
    {
        List<VideoScore> scores = [.. rewards.Select(r => r.Score).OfType<VideoScore>()];
        double[] queries = [.. QueryScores(rewards).Values];
        return row with
        {
            VideoReward = queries.Length == 0 ? null : Bootstrap.Mean(queries, resampling),
            DimensionIntervals = DimensionIntervals(rewards, resampling),
            QuestionIntervals = scores.SelectMany(s => s.Answers).Where(a => a.Answer != Answer.Unknown).GroupBy(a => a.Question)
                .ToDictionary(g => g.Key, g => Proportion.Wilson(g.Count(a => a.Answer == Answer.Yes), g.Count())),
            Dimensions = scores.SelectMany(s => s.Dimensions).GroupBy(d => d.Key).ToDictionary(g => g.Key, g => g.Average(d => d.Value)),
            Questions = scores.SelectMany(s => s.Answers).Where(a => a.Answer != Answer.Unknown).GroupBy(a => a.Question)
                .ToDictionary(g => g.Key, g => g.Average(a => a.Answer == Answer.Yes ? 1.0 : 0.0)),
            Unscored = rewards.Count - scores.Count,
        };
    }

    /// <summary>The mean score of each query: queries are what is independent, not clips.</summary>
    internal static IReadOnlyDictionary<string, double> QueryScores(IReadOnlyList<RewardRecord> rewards) =>
        rewards.Where(r => r.Score is not null).GroupBy(r => r.Query).ToDictionary(g => g.Key, g => g.Average(r => r.Score!.Score));

    private static Dictionary<string, Estimate> DimensionIntervals(IReadOnlyList<RewardRecord> rewards, BootstrapOptions resampling) => rewards.Where(r => r.Score is not null)
        .SelectMany(r => r.Score!.Dimensions.Select(d => (Dimension: d.Key, r.Query, d.Value))).GroupBy(d => d.Dimension)
        .ToDictionary(g => g.Key, g => Bootstrap.Mean([.. g.GroupBy(d => d.Query).Select(q => q.Average(d => d.Value))], resampling));

    internal static double? Disagreement(IReadOnlyList<VerdictRecord> evaluation, IReadOnlyList<VerdictRecord> training)
    {
        List<bool> differs =
        [
            .. evaluation.Zip(training).Where(v => v.First.Verdict.Judgement != Judgement.Unclear && v.Second.Verdict.Judgement != Judgement.Unclear)
                .Select(v => v.First.Verdict.Judgement != v.Second.Verdict.Judgement),
        ];
        return differs.Count == 0 ? null : differs.Count(d => d) / (double)differs.Count;
    }
}

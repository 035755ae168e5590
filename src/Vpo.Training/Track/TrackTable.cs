using Vpo.Statistics;

namespace Vpo.Training.Track;

/// <summary>Prompts and likelihoods to the figures of the table.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Qualities">One a query.</param>
/// <param name="IsPrompt">Whether what was written is a prompt at all, one a query.</param>
/// <param name="Likelihoods">One for each of the first queries.</param>
internal sealed record TrackMethod(string Method, IReadOnlyList<PromptQuality> Qualities, IReadOnlyList<bool> IsPrompt, IReadOnlyList<TrackLikelihood> Likelihoods)
{
    private static readonly Func<PromptQuality, double>[] Figures =
    [
        q => q.Findings.Coverage, q => q.IsGood ? 1 : 0, q => q.Findings.Repetition, q => q.Findings.IsRefusal ? 1 : 0, q => q.IsUnsafe ? 1 : 0, q => q.Ended ? 1 : 0, q => q.Findings.Words,
    ];

    private static readonly string[] Names = ["coverage", "good", "repetition", "refusals", "unsafe", "ended", "words"];

    private const string LikelihoodName = "likelihood";

    public static TrackMethod Of(string method, IReadOnlyList<TrackPrompt> prompts, IReadOnlyList<TrackLikelihood> likelihoods)
    {
        using var judge = new AtomJudge();
        List<PromptQuality> qualities = [.. prompts.Select(p => PromptQuality.Of(judge, p.Query, p.Prompt, p.Finished))];
        return new(method, qualities, [.. prompts.Zip(qualities, (p, q) => q.HasLengthOfPrompt && !p.Prompt.Contains(p.Query.Trim(), StringComparison.OrdinalIgnoreCase))], likelihoods);
    }

    public TrackRow Row()
    {
        Estimate Share(Func<PromptQuality, bool> has) => Proportion.Wilson(Qualities.Count(has), Qualities.Count);
        Estimate Mean(Func<PromptQuality, double> of) => Bootstrap.Mean([.. Qualities.Select(of)]);
        double[] ofPrompts = [.. Qualities.Zip(IsPrompt).Where(q => q.Second).Select(q => q.First.Findings.Coverage)];
        return new(Method)
        {
            Coverage = Mean(q => q.Findings.Coverage),
            CoverageOfPrompts = ofPrompts.Length == 0 ? null : Bootstrap.Mean(ofPrompts),
            Good = Share(q => q.IsGood),
            Likelihood = Bootstrap.Mean(Gains),
            Repetition = Mean(q => q.Findings.Repetition),
            Refusals = Share(q => q.Findings.IsRefusal),
            Unsafe = Share(q => q.IsUnsafe),
            Ended = Share(q => q.Ended),
            Words = Mean(q => q.Findings.Words),
        };
    }

    public TrackChange ChangeTo(TrackMethod later)
    {
        Estimate Change(Func<PromptQuality, double> of) => Bootstrap.PairedDifference([.. Qualities.Select(of)], [.. later.Qualities.Select(of)]);
        var changes = Names.Zip(Figures, (name, of) => KeyValuePair.Create(name, Change(of))).ToDictionary();
        changes[LikelihoodName] = Bootstrap.PairedDifference(Gains, later.Gains);
        return new(Method, later.Method, changes);
    }

    private double[] Gains => [.. Likelihoods.Select(l => l.Own - l.Other)];
}

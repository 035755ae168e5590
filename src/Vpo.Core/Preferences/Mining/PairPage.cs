using System.Globalization;
using Vpo.Reporting;
using Vpo.Statistics;

namespace Vpo.Mining;

/// <summary>A page to look at mined pairs: what was made of what, how the pairs are spread, and why each was made.</summary>
public static class PairPage
{
    /// <summary>Makes the page.</summary>
    /// <param name="sources">What the pairs were made from: the judge's words and the clips' answers.</param>
    /// <param name="result">The pairs.</param>
    /// <param name="rules">Said first: which rules were followed.</param>
    /// <param name="show">At most so many pairs of each kind are shown, in the order of the list.</param>
    /// <param name="clip">The animated PNG of a query's prompt; null, or null for a prompt, where there is none.</param>
    public static HtmlReport Create(PairSources sources, PairMiningResult result, string rules, int show = 100, Func<string, string, byte[]?>? clip = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(result);
        var page = new HtmlReport("Preference pairs").Text(rules);
        page.Section("From feedback to pairs").Table(["", "number", ""], result.Steps.Select(s => (IReadOnlyList<string>)[s.Name, s.Count.ToString("N0", CultureInfo.InvariantCulture), s.Says]));
        AddStatistics(page, PairStatistics.Of(result.Pairs), result.Pairs);
        foreach (var kind in Enum.GetValues<FeedbackSource>())
            AddPairs(page, [.. result.Pairs.Where(p => p.Source == kind)], show, new(sources, clip));
        return page;
    }

    private static void AddStatistics(HtmlReport page, PairStatistics statistics, IReadOnlyList<PreferencePair> pairs)
    {
        if (pairs.Count == 0)
            return;
        page.Section("The pairs as a whole");
        page.Points(Lines(statistics));
        page.Chart(Histogram.Draw("Margins of video-level pairs", [("margin", statistics.Margins)]), "How far apart the scores of video-level pairs are.");
        page.Chart(Histogram.Draw("Words of prompts", [("chosen", Words(pairs, p => p.Chosen)), ("rejected", Words(pairs, p => p.Rejected))]), "Words of the prompts.");
    }

    /// <summary>The statistics in sentences, as the page and the command line say them.</summary>
    public static IReadOnlyList<string> Lines(PairStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        if (statistics.ChosenLonger is not { } longer)
            return ["no pairs"];
        var lines = new List<string> { string.Create(CultureInfo.InvariantCulture, $"{statistics.Pairs:N0} pairs of {statistics.Queries:N0} queries: {statistics.Text:N0} text-level, {statistics.Video:N0} video-level") };
        lines.AddRange(statistics.Reasons.Take(8).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Count:N0} because {r.Reason}")));
        if (statistics.Margins.Count > 0)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"margins of video-level pairs from {statistics.Margins.Min():0.###} to {statistics.Margins.Max():0.###}, median {Quantile.Of(statistics.Margins, 0.5):0.###}"));
        lines.Add($"words: chosen {ResultTables.Mean(statistics.ChosenWords!.Value)}, rejected {ResultTables.Mean(statistics.RejectedWords!.Value)}; the chosen is the longer one in {ResultTables.Share(longer)}");
        return lines;
    }

    private static double[] Words(IReadOnlyList<PreferencePair> pairs, Func<PreferencePair, string> of) => [.. pairs.Select(p => (double)VideoPreferences.WordCount(of(p)))];

    private static void AddPairs(HtmlReport page, List<PreferencePair> pairs, int show, PairReasons reasons)
    {
        if (pairs.Count == 0)
            return;
        page.Section(pairs[0].Source == FeedbackSource.Text ? "Text-level pairs" : "Video-level pairs");
        if (pairs.Count > show)
            page.Note($"The first {show} of {pairs.Count}.");
        foreach (var pair in pairs.Take(show))
            page.Pair(pair.Query, reasons.Why(pair), reasons.Shown(pair, pair.Chosen, "chosen"), reasons.Shown(pair, pair.Rejected, "rejected"));
    }
}

using Vpo.Statistics;

namespace Vpo.Reporting;

/// <summary>The results of a <see cref="VpoLoop"/> as one page: the table, intervals, differences, training curves, and clips side by side.</summary>
public static class LoopReport
{
    private const int ClipQueries = 6;

    /// <summary>Makes the page.</summary>
    /// <param name="result">The results.</param>
    /// <param name="folder">The run folder, for the kept clips.</param>
    /// <param name="title">The page's title.</param>
    /// <param name="introduction">Said first: what was measured, and what it shows and does not show.</param>
    public static HtmlReport Create(LoopResult result, string folder, string title, IEnumerable<string> introduction)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(introduction);
        var page = new HtmlReport(title);
        foreach (var paragraph in introduction)
            page.Text(paragraph);
        page.Section("Results");
        AddTable(page, result.Rows);
        page.Chart(IntervalChart.Draw("Mean video reward of each method", Intervals(result.Rows)), "Mean video reward with 95 % intervals.");
        AddDifferences(page, result.Differences);
        AddQuestions(page, result.Rows);
        if (result.TransferRows.Count > 0)
        {
            page.Section("On a second video model, which training never saw");
            AddTable(page, result.TransferRows);
        }
        AddCurves(page, result.Curves);
        AddClips(page, result, folder);
        return page;
    }

    internal static void AddTable(HtmlReport page, IReadOnlyList<EvaluationRow> rows)
    {
        page.Table(ResultTables.Headers, rows.Select(ResultTables.Cells),
            "Shares are of held-out prompts as the evaluation judge, which training never saw, classes them, with 95 % intervals in brackets. distinct: share of different prompts.");
        if (rows.Sum(r => r.Unscored) is > 0 and var unscored)
            page.Note($"{unscored} clips could not be scored and are left out of the means.");
    }

    internal static List<IntervalRow> Intervals(IReadOnlyList<EvaluationRow> rows) =>
        [.. rows.Where(r => r.VideoReward is not null).Select(r => new IntervalRow(r.Method, r.VideoReward!.Value.Value, r.VideoReward.Value.Low, r.VideoReward.Value.High))];

    internal static void AddDifferences(HtmlReport page, IReadOnlyList<MethodDifference> differences)
    {
        if (differences.Count > 0)
            page.Table(["difference in video reward", "mean", "95 %", "n"], differences.Select(d => (IReadOnlyList<string>)
            [
                $"{d.To} − {d.From}", ResultTables.Number(d.Difference.Value), ResultTables.Range(d.Difference), ResultTables.Whole(d.Difference.Count),
            ]), "Paired: the same queries, seeds and noise on both sides.");
    }

    internal static void AddQuestions(HtmlReport page, IReadOnlyList<EvaluationRow> rows)
    {
        AddMany(page, "Dimensions of the reward", rows, r => r.DimensionIntervals, ResultTables.Mean, "Means with 95 % intervals over queries.");
        AddMany(page, "Answers of the checklist", rows, r => r.QuestionIntervals, ResultTables.Share, "Share of yes among the clips of which the question was asked, with 95 % intervals. n: fewest and most clips of a question.");
    }

    private static void AddMany(HtmlReport page, string heading, IReadOnlyList<EvaluationRow> rows, Func<EvaluationRow, IReadOnlyDictionary<string, Estimate>> of, Func<Estimate, string> write, string note)
    {
        List<EvaluationRow> with = [.. rows.Where(r => of(r).Count > 0)];
        List<string> names = [.. with.SelectMany(r => of(r).Keys).Distinct()];
        if (names.Count > 0)
            page.Section(heading).Table(["method", .. names, "n"], with.Select(r => (IReadOnlyList<string>)
                [r.Method, .. names.Select(q => of(r).TryGetValue(q, out var estimate) ? write(estimate) : "-"), Counts(of(r).Values)]), note);
    }

    private static string Counts(IEnumerable<Estimate> estimates)
    {
        int[] counts = [.. estimates.Select(e => e.Count).Order()];
        return counts[0] == counts[^1] ? ResultTables.Whole(counts[0]) : $"{ResultTables.Whole(counts[0])}–{ResultTables.Whole(counts[^1])}";
    }

    private static void AddCurves(HtmlReport page, IReadOnlyDictionary<string, IReadOnlyList<LearningPoint>> curves)
    {
        if (curves.Count == 0)
            return;
        page.Section("Training");
        foreach (var (name, points) in curves.Where(c => c.Value.Count > 1))
        {
            page.Chart(LineChart.Draw($"Loss of {name}", "step", [Series("loss", points, p => p.Loss)]), $"Loss of {name}.");
            if (points[0].Margin is not null)
                page.Chart(LineChart.Draw($"Preference metrics of {name}", "step",
                [
                    Series("margin", points, p => p.Margin), Series("accuracy", points, p => p.Accuracy), Series("change of the chosen log-probability", points, p => p.ChosenDrift),
                ]), $"Preference metrics of {name}. The chosen prompts' log-probability must not fall.");
        }
    }

    private static ChartSeries Series(string name, IReadOnlyList<LearningPoint> points, Func<LearningPoint, double?> value) =>
        new(name, [.. points.Select(p => ((double)p.Step, value(p) ?? double.NaN))]);

    private static void AddClips(HtmlReport page, LoopResult result, string folder)
    {
        var queries = result.Clips.GroupBy(c => c.Query).Take(ClipQueries).ToList();
        if (queries.Count == 0)
            return;
        page.Section("The same query and seed, before and after");
        foreach (var query in queries)
            page.Clips(query.Key, query.Where(c => File.Exists(Path.Combine(folder, c.File))).Select(c =>
                new ReportClip(c.Method, c.Prompt, c.Score is { } score ? ResultTables.Number(score) : "", File.ReadAllBytes(Path.Combine(folder, c.File)))));
    }
}

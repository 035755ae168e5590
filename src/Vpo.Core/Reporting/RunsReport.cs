using Vpo.Comparisons;

namespace Vpo.Reporting;

/// <summary>One or several runs as one page: what went wrong first, then tables, what people said, spreads, and clips side by side.</summary>
public static class RunsReport
{
    private const int Failures = 6, ClipQueries = 8, LongestCritique = 280;

    /// <summary>Makes the page.</summary>
    /// <param name="runs">At least one; names unique.</param>
    /// <param name="title">The page's title.</param>
    public static HtmlReport Create(IReadOnlyList<ReportedRun> runs, string title)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0 || runs.Select(r => r.Name).Distinct().Count() < runs.Count)
            throw new ArgumentException("expected at least one run, and names that differ", nameof(runs));
        var page = new HtmlReport(title);
        page.Text($"{runs.Count} run{(runs.Count == 1 ? "" : "s")}: {string.Join("; ", runs.Select(r => $"{r.Name} (seed {r.Result.Seed}, best method {r.Result.BestMethod}{(r.Result.StopReason is { } reason ? $", stopped: {reason}" : "")})"))}.");
        AddFailures(page, runs);
        page.Section("Results");
        List<EvaluationRow> rows = [.. runs.SelectMany(run => run.Result.Rows.Select(row => row with { Method = NameOf(runs, run, row.Method) }))];
        LoopReport.AddTable(page, rows);
        page.Chart(IntervalChart.Draw("Mean video reward of each method", LoopReport.Intervals(rows)), "Mean video reward with 95 % intervals.");
        LoopReport.AddDifferences(page, [.. runs.SelectMany(run => run.Result.Differences.Select(d => d with { From = NameOf(runs, run, d.From), To = NameOf(runs, run, d.To) }))]);
        AddVotes(page, runs);
        LoopReport.AddQuestions(page, rows);
        AddSpreads(page, runs);
        AddClips(page, runs);
        PublishedFigures.AddTo(page);
        return page;
    }

    private static string NameOf(IReadOnlyList<ReportedRun> runs, ReportedRun run, string method) => runs.Count == 1 ? method : $"{run.Name}/{method}";

    /// <summary>Of each run's best method: prompts that are not aligned, and the lowest and missing scores.</summary>
    private static void AddFailures(HtmlReport page, IReadOnlyList<ReportedRun> runs)
    {
        page.Section("What still fails");
        foreach (var run in runs)
        {
            var method = run.Result.BestMethod;
            var (verdicts, rewards) = (run.Verdicts(method), run.Rewards(method));
            var flawed = verdicts.Where(v => v.Verdict.Judgement == Judgement.Misaligned).ToList();
            page.Text($"{NameOf(runs, run, method)}: {flawed.Count} of {verdicts.Count} held-out prompts are not aligned; {rewards.Count(r => r.Score is null)} of {rewards.Count} clips could not be scored.");
            page.Points(flawed.OrderBy(v => v.Verdict.Class == AlignmentClass.Unsafe ? 0 : 1).Take(Failures)
                .Select(v => $"{v.Verdict.Class?.ToString() ?? "Misaligned"}: \"{v.Verdict.Query}\" became \"{v.Verdict.Prompt}\". {Cut(v.Verdict.Critique)}"));
            page.Points(rewards.Where(r => r.Score is null).Take(Failures).Select(r => $"No score for \"{r.Query}\": {r.Problem}"));
            var worst = rewards.Where(r => r.Score is not null).OrderBy(r => r.Score!.Score).Take(Failures)
                .Select(r => $"{ResultTables.Number(r.Score!.Score)} for \"{r.Query}\": answered no to {string.Join(", ", r.Score.Answers.Where(a => a.Answer == Answer.No).Select(a => a.Question))}.").ToList();
            if (worst.Count > 0)
                page.Text("Lowest scores:").Points(worst);
        }
    }

    private static string Cut(string text) => text.Length <= LongestCritique ? text : text[..LongestCritique] + " ...";

    private static void AddVotes(HtmlReport page, IReadOnlyList<ReportedRun> runs)
    {
        foreach (var run in runs.Where(r => r.Votes.Count > 0))
        {
            var result = ComparisonResult.Of(run.Votes);
            var all = result.Matches.GroupBy(m => (m.First, m.Second)).Select(g => g.First()).ToList();
            page.Section(runs.Count == 1 ? "What people preferred" : $"What people preferred: {run.Name}");
            page.Chart(OutcomeBars.Draw("Wins, ties and losses", [.. all.Select(m => new OutcomeBar($"{m.First} − {m.Second}", Part(m.Votes.Wins, m), Part(m.Votes.Ties, m), Part(m.Votes.Losses, m)))]), "Of all votes.");
            page.Table(ComparisonTable.Headers, result.Matches.Select(ComparisonTable.Cells),
                "net gap: wins minus losses in points, as the paper reports it. Intervals of everybody's rows are resampled by pair of clips, which n counts; one person's share of wins has Wilson's interval.");
            if (result.Agreement.Count > 0)
                page.Table(ComparisonTable.AgreementHeaders, result.Agreement.Select(ComparisonTable.AgreementCells));
            page.Note(ComparisonTable.Remarks(result));
        }
    }

    private static double Part(int count, MatchResult match) => (double)count / match.Votes.Count;

    private static void AddSpreads(HtmlReport page, IReadOnlyList<ReportedRun> runs)
    {
        var scores = runs.SelectMany(run => run.Result.Rows.Select(row => (Name: NameOf(runs, run, row.Method), Scores: run.Rewards(row.Method).Select(r => r.Score).OfType<VideoScore>().ToList()))).ToList();
        if (scores.All(s => s.Scores.Count == 0))
            return;
        page.Section("How scores spread");
        page.Chart(Histogram.Draw("Spread of the video reward", [.. scores.Select(s => (s.Name, (IReadOnlyList<double>)[.. s.Scores.Select(v => v.Score)]))]), "Video reward of single clips.");
        foreach (var dimension in scores.SelectMany(s => s.Scores).SelectMany(s => s.Dimensions.Keys).Distinct())
            page.Chart(Histogram.Draw($"Spread of {dimension}", [.. scores.Select(s => (s.Name, (IReadOnlyList<double>)[.. s.Scores.Where(v => v.Dimensions.ContainsKey(dimension)).Select(v => v.Dimensions[dimension])]))]), $"{dimension} of single clips.");
    }

    private static void AddClips(HtmlReport page, IReadOnlyList<ReportedRun> runs)
    {
        var queries = runs.SelectMany(run => run.Result.Clips.Select(clip => (Run: run, Clip: clip))).Where(c => File.Exists(Path.Combine(c.Run.Folder, c.Clip.File)))
            .GroupBy(c => c.Clip.Query).OrderByDescending(g => g.Count()).Take(ClipQueries).ToList();
        if (queries.Count == 0)
            return;
        page.Section("The same query, side by side");
        foreach (var query in queries)
            page.Clips(query.Key, query.Select(c => new ReportClip(
                NameOf(runs, c.Run, c.Clip.Method), c.Clip.Prompt, c.Clip.Score is { } score ? ResultTables.Number(score) : "", File.ReadAllBytes(Path.Combine(c.Run.Folder, c.Clip.File)))));
    }
}

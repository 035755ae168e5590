using Vpo.Comparisons;
using Vpo.Core.Tests.Fakes;
using Vpo.Reporting;

namespace Vpo.Core.Tests.Reporting;

/// <summary>The page of several runs: what it tells, and how it looks in a real browser from a file, on a wide screen and on a phone.</summary>
public sealed class RunsReportTests
{
    private static async Task<ReportedRun> RunAsync(string folder, long seed)
    {
        static IReadOnlyList<Query> Make(string set) => [.. Enumerable.Range(0, 16).Select(i => new Query($"{set} {i}"))];
        var parts = new VpoParts
        {
            Teacher = new FakeWriter(4),
            Judge = new FakeJudge(),
            EvaluationJudge = new FakeJudge(),
            Generator = new FakeGenerator(),
            Reward = new FakeReward { FailsOn = "held-out <b> 3" },
            Learner = new FakeLearner(),
        };
        var options = new LoopOptions { Seed = seed, ChunkSize = 16, KeptClips = 3, SampleTopP = 1 };
        (await new VpoLoop(parts, options).RunAsync(new(Make("sft"), Make("preference"), Make("held-out <b>")), folder)).Write(Path.Combine(folder, "results.json"));
        foreach (var (person, i) in new[] { "Ada", "Bo" }.SelectMany(p => Enumerable.Range(0, 10).Select(i => (p, i))))
            VoteFile.Append(Path.Combine(folder, "comparisons", VoteFile.Name), new() { Id = Vote.IdOf(person, $"{i}"), Pair = $"{i}", Query = "q", Annotator = person, First = "vpo", Second = "original", Swapped = i % 2 == 0, Choice = (Choice)(i % 3) });
        return ReportedRun.Open(folder);
    }

    [Fact]
    public async Task Create_TwoRuns_ShowsFailuresVotesAndClipsInABrowser()
    {
        using var folder = new TemporaryFolder();
        var runs = new[] { await RunAsync(folder.File("one"), 3), await RunAsync(folder.File("two"), 4) };
        var html = RunsReport.Create(runs, "Two <runs>").ToString();
        Assert.Contains("What still fails", html, StringComparison.Ordinal);
        Assert.Contains("No score for &quot;held-out &lt;b&gt; 3&quot;", html, StringComparison.Ordinal);
        Assert.Contains("one/vpo", html, StringComparison.Ordinal);
        Assert.Contains("paper, not ours", html, StringComparison.Ordinal);
        Assert.Contains("Ada, Bo", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<runs>", html, StringComparison.Ordinal);
        foreach (var table in html.Split("<table>").Skip(1))
            Assert.Matches("<th>(n|prompts)</th>", table);   // every table has its counts
        var page = folder.File("report.html");
        await File.WriteAllTextAsync(page, html);
        await using var browser = await Browser.StartAsync();
        foreach (var (width, scheme) in new[] { (1200, "light"), (360, "dark") })
        {
            var tab = await browser.OpenAsync(width, 900);
            await tab.EmulateAsync("prefers-color-scheme", scheme);
            await tab.GoAsync(new(page));
            Assert.Equal("0", await tab.EvaluateAsync("[...document.images].filter(i => !i.naturalWidth).length"));
            Assert.Equal("24", await tab.EvaluateAsync("document.images.length"));
            Assert.Equal("False", await tab.EvaluateAsync("document.documentElement.scrollWidth > innerWidth"));
            Assert.Equal("0", await tab.EvaluateAsync("performance.getEntriesByType('resource').filter(r => !r.name.startsWith('data:')).length"));
            await tab.ScreenshotAsync($"report-{width}");
            await tab.EvaluateAsync("[...document.querySelectorAll('h2')].find(h => h.textContent.startsWith('What people')).scrollIntoView()");
            await tab.ScreenshotAsync($"report-{width}-votes");
        }
    }

    [Fact]
    public void Open_NoRun_SaysSo() => Assert.Contains("no results.json", Assert.Throws<FileNotFoundException>(() => ReportedRun.Open(Path.GetTempPath())).Message, StringComparison.Ordinal);

    [Fact]
    public void Draw_Bars_SayTheirSharesInWords()
    {
        var svg = OutcomeBars.Draw("t", [new("a − b", 0.5, 0.05, 0.45)]);
        Assert.Contains("win 50 %", svg, StringComparison.Ordinal);
        Assert.Contains("<title>tie 5.0 %</title>", svg, StringComparison.Ordinal);
        Assert.Empty(OutcomeBars.Draw("t", []));
        Assert.Empty(Histogram.Draw("t", [("a", [])]));
        Assert.Contains("n=2", Histogram.Draw("t", [("a", [1, 1])]), StringComparison.Ordinal);
    }
}

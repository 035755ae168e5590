using System.Diagnostics;
using System.Text.RegularExpressions;
using Vpo.Reporting;
using Vpo.Statistics;

namespace Vpo.Tests.Reporting;

/// <summary>The report of a loop in a real browser, from a file, on a wide and on a narrow screen. Skipped where there is no Chromium.</summary>
public sealed partial class ReportInBrowserTests : IDisposable
{
    private const string Probe = """
        <script>addEventListener('load',()=>{const i=[...document.images];
        document.body.setAttribute('data-probe',`images=${i.length} broken=${i.filter(x=>!x.naturalWidth).length} overflow=${document.documentElement.scrollWidth>innerWidth}`
          +` outside=${performance.getEntriesByType('resource').filter(r=>!r.name.startsWith('data:')).length}`)})</script>
        """;

    private static readonly string[] Quiet =
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=3000"];

    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1200)]
    [InlineData(500)]   // the narrowest window that headless Chromium opens
    public async Task Report_OfALoop_ShowsEveryClipAndNeedsNothingFromOutside(int width)
    {
        string[] paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        var browser = paths.FirstOrDefault(File.Exists);
        if (browser is null)
            Assert.Skip("absent: Chromium");
        var page = Path.Combine(_folder, "report.html");
        var html = LoopReport.Create(Result(), _folder, "A <loop> & its report", ["What it shows."]).ToString();
        await File.WriteAllTextAsync(page, html.Replace("</body>", Probe + "</body>", StringComparison.Ordinal));
        var found = ProbeResult().Match(await DumpAsync(browser, page, width)).Groups[1].Value;
        Assert.Equal("images=4 broken=0 overflow=false outside=0", found);
        Assert.DoesNotContain("<loop>", html, StringComparison.Ordinal);
    }

    private async Task<string> DumpAsync(string browser, string page, int width)
    {
        var start = new ProcessStartInfo(browser, [.. Quiet, $"--user-data-dir={Path.Combine(_folder, "profile")}", $"--window-size={width},900", "--dump-dom", new Uri(page).AbsoluteUri])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var dom = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return dom.Length > 0 ? dom : throw new InvalidOperationException(await error);
    }

    private LoopResult Result()
    {
        KeptClip Clip(string method, string query)
        {
            var name = $"{method}-{query[0]}.png";
            var bytes = new byte[32 * 32 * 3 * 9];
            new Random(name.Length).NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(_folder, name), AnimatedPng.Encode(new VideoClip(bytes, 32, 32, 8)));
            return new(method, query, $"a long prompt of {method} that goes on for quite a while so that it must wrap", 4.5, name);
        }
        EvaluationRow Row(string method, double reward) => new()
        {
            Method = method,
            VideoReward = new Estimate(reward, reward - 0.1, reward + 0.1, 40),
            Aligned = 0.9,
            Unsafe = 0.02,
            Imprecise = 0.07,
            Refusal = 0.01,
            Unclear = 0,
            Questions = new Dictionary<string, double> { ["colour"] = 0.9, ["shape"] = 0.7 },
        };
        return new()
        {
            Rows = [Row("original", 2.5), Row("vpo", 4.5)],
            Differences = [new("original", "vpo", new Estimate(2, 1.8, 2.2, 40))],
            Curves = new Dictionary<string, IReadOnlyList<LearningPoint>> { ["vpo"] = [.. Enumerable.Range(1, 20).Select(i => new LearningPoint { Step = i, Loss = 1.0 / i, Margin = i * 0.1, Accuracy = 0.5, ChosenDrift = 0 })] },
            Clips = [Clip("original", "red ball"), Clip("vpo", "red ball"), Clip("original", "blue box"), Clip("vpo", "blue box")],
            BestMethod = "vpo",
        };
    }

    [GeneratedRegex("data-probe=\"([^\"]*)\"")]
    private static partial Regex ProbeResult();
}

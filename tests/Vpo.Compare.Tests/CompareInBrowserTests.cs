using System.Globalization;
using Vpo.Comparisons;
using Vpo.Statistics;

namespace Vpo.Compare.Tests;

/// <summary>The page as people use it: one by the keyboard alone on a wide screen, one by touch on a phone. Skipped where there is no Chromium.</summary>
public sealed class CompareInBrowserTests
{
    private const int PhoneVotes = 40;

    [Fact]
    public async Task Page_TwoPeople_KeepsEachVoteOnceAndGivesTheReferencesIntervals()
    {
        using var golden = GoldenWithVerdicts();
        int[] verdicts = [.. golden.Tensor("in.verdict").cpu().data<long>().ToArray().Select(v => (int)v)];
        using var colours = new Colours(verdicts.Length);
        await using var server = await colours.StartAsync();
        await using var browser = await Browser.StartAsync();
        await Task.WhenAll(ByKeyboard(browser, server, colours, verdicts), ByTouch(browser, server));

        var votes = colours.Votes;
        Assert.Equal(verdicts.Length + PhoneVotes, votes.Count);
        var result = ComparisonResult.Of(votes);
        var ada = result.Matches.Single(m => m.Annotator == "Ada");
        Assert.Equal(WinRate.Of(verdicts), ada.Votes);
        double[] wilson = [.. golden.Json.GetProperty("wilson_win").GetProperty("0.95").EnumerateArray().Select(e => e.GetDouble())];
        golden.AssertClose("wilson_win", wilson[0], ada.Win.Low);
        golden.AssertClose("wilson_win", wilson[1], ada.Win.High);
        double[] net = [.. golden.Json.GetProperty("scipy_bootstrap_net_95").EnumerateArray().Select(e => e.GetDouble())];
        golden.AssertClose("random_bootstrap", net[0], ada.Net.Low);
        golden.AssertClose("random_bootstrap", net[1], ada.Net.High);
        Assert.Equal(PhoneVotes, Assert.Single(result.Agreement).Share.Count);
        Assert.All(votes.Where(v => v.Annotator == "Bo Ö."), v => Assert.Equal(1, v.Verdict()));   // always for the red one, which is the first method's
    }

    /// <summary>Types the name, then arrows alone; votes as the golden verdicts say, which needs to see which side is red.</summary>
    private static async Task ByKeyboard(Browser browser, CompareServer server, Colours colours, int[] verdicts)
    {
        var page = await browser.OpenAsync(1200, 900);
        await page.GoAsync(server.Address);
        await page.WaitAsync("document.activeElement.id === 'name'");
        await page.ScreenshotAsync("compare-welcome");
        await page.TypeAsync("Ada");
        await page.PressAsync("Enter");
        var order = colours.Plan.Pairs.Select((p, i) => (p.Query, Verdict: verdicts[i])).ToDictionary(p => p.Query, p => p.Verdict);
        for (var i = 0; i < verdicts.Length; i++)
        {
            await Person.ShownAsync(page, i);
            if (i == 3)
                await CheckAsync(page, "compare-wide");
            if (i == 5)
                await page.GoAsync(server.Address);   // goes on under the remembered name
            await Person.ShownAsync(page, i);
            var verdict = order[await page.EvaluateAsync("document.getElementById('query').textContent")];
            var redIsLeft = await Person.RedIsLeftAsync(page);
            await page.PressAsync(verdict == 0 ? "ArrowDown" : verdict > 0 == redIsLeft ? "ArrowLeft" : "ArrowRight");
        }
        await page.WaitAsync("!document.getElementById('end').hidden");
        await page.ScreenshotAsync("compare-end");
    }

    private static async Task ByTouch(Browser browser, CompareServer server)
    {
        var page = await browser.OpenAsync(360, 720);
        await page.EmulateAsync("prefers-color-scheme", "dark");
        await page.GoAsync(server.Address);
        await page.WaitAsync("document.activeElement.id === 'name'");
        await page.TypeAsync("Bo Ö.");
        await page.ClickAsync("button.go");
        for (var i = 0; i < PhoneVotes; i++)
        {
            await Person.ShownAsync(page, i);
            if (i == 2)
                await CheckAsync(page, "compare-narrow-dark");
            await page.ClickAsync($"[data-choice={(await Person.RedIsLeftAsync(page) ? "left" : "right")}]");
        }
        await Person.ShownAsync(page, PhoneVotes);
    }

    /// <summary>Names, labels, reach of the keyboard, contrast, width, and that nothing comes from elsewhere.</summary>
    private static async Task CheckAsync(BrowserPage page, string name)
    {
        await page.ScreenshotAsync(name);
        Assert.Equal("", await page.EvaluateAsync("[...document.querySelectorAll('button,input,img,video,progress')].filter(e => e.offsetParent && !(e.ariaLabel || e.getAttribute('aria-label') || e.alt || e.labels?.length || e.textContent.trim())).map(e => e.outerHTML).join()"));
        Assert.Equal("False", await page.EvaluateAsync("document.documentElement.scrollWidth > innerWidth"));
        Assert.Equal("True", await page.EvaluateAsync("document.querySelector('#choices').getBoundingClientRect().bottom <= innerHeight"));   // no scrolling to vote
        Assert.Equal("0", await page.EvaluateAsync("performance.getEntriesByType('resource').filter(r => new URL(r.name).origin !== location.origin).length"));
        Assert.DoesNotContain("secret", await page.EvaluateAsync("document.documentElement.outerHTML"), StringComparison.Ordinal);
        Assert.Equal("", await page.EvaluateAsync("[...document.querySelectorAll('#pair img')].filter(i => i.offsetHeight > i.parentElement.offsetHeight).map(i => i.outerHTML).join()"));   // not cut off
        var worst = double.Parse(await page.EvaluateAsync(Contrast), CultureInfo.InvariantCulture);
        Assert.True(worst >= 4.5, $"lowest contrast {worst:0.00}");
        await page.PressAsync("Tab");
        Assert.Equal("3px", await page.EvaluateAsync("getComputedStyle(document.activeElement).outlineWidth"));
        await page.EvaluateAsync("document.activeElement.blur()");
    }

    // WCAG's ratio of text to the nearest background, the lowest of all texts shown.
    private const string Contrast = """
        (() => {
          const rgb = c => c.match(/[\d.]+/g).map(Number);
          const light = c => { const [r, g, b] = rgb(c).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
          const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((rgb(c)[3] ?? 1) > 0) return c } return 'rgb(255,255,255)' };
          return String(Math.min(...[...document.querySelectorAll('body *')].filter(e => e.offsetParent && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(e => {
            const [a, b] = [light(getComputedStyle(e).color), light(ground(e))]; return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) })))
        })()
        """;

    private static GoldenCase GoldenWithVerdicts()
    {
        foreach (var row in Golden.Cases("agreement"))
        {
            if (row.Data == Golden.Absent)
                continue;
            var golden = GoldenCase.Open("agreement", row.Data);
            if (golden.Has("in.verdict"))
                return golden;
            golden.Dispose();
        }
        Assert.Skip("absent: verdicts among the cases of agreement");
        return null!;
    }
}

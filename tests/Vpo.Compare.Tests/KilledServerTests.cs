using Vpo.Comparisons;

namespace Vpo.Compare.Tests;

/// <summary>A server that is killed while people vote: their pages wait for the next one, and every vote is kept once.</summary>
public sealed class KilledServerTests
{
    [Fact]
    public Task Votes_ServerKilledTwice_AreKeptOnceEach() => RunAsync(pairs: 15, people: 2);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public Task Votes_AThousandByFourPeopleServerKilledTwice_AreKeptOnceEach() => RunAsync(pairs: 250, people: 4);

    private static async Task RunAsync(int pairs, int people)
    {
        using var colours = new Colours(pairs);
        await using var browser = await Browser.StartAsync();
        var port = LoopbackServer.FreePort();
        var pressed = new int[people];
        var server = await ServerProcess.StartAsync(colours, port);
        try
        {
            var address = server.Address;
            var voting = Task.WhenAll(Enumerable.Range(0, people).Select(p => VoteAsync(browser, address, $"person {p}", pairs, n => pressed[p] = n)));
            for (var kill = 1; kill <= 2; kill++)
            {
                while (!voting.IsCompleted && pressed.Sum() < kill * pairs * people / 3)
                    await Task.Delay(5);
                await server.KillAsync();
                server.Dispose();
                server = await ServerProcess.StartAsync(colours, port);
            }
            await voting;
        }
        finally
        {
            server.Dispose();
        }
        var votes = colours.Votes;   // refuses two of the same person and pair
        Assert.Equal(pairs * people, votes.Count);
        foreach (var vote in votes)
            Assert.Equal(Wanted(vote.Annotator, vote.Query), vote.Verdict());
        var result = ComparisonResult.Of(votes);
        Assert.Equal(people + 1, result.Matches.Count);
        Assert.Equal(pairs, result.SharedPairs);
        Assert.Equal(pairs, result.Matches[0].Net.Count);
    }

    private static async Task VoteAsync(Browser browser, Uri address, string name, int pairs, Action<int> pressed)
    {
        var page = await browser.OpenAsync(800, 700);
        await page.GoAsync(address);
        await page.WaitAsync("document.activeElement.id === 'name'");
        await page.TypeAsync(name);
        await page.PressAsync("Enter");
        for (var i = 0; i < pairs; i++)
        {
            await Person.ShownAsync(page, i);
            var verdict = Wanted(name, await page.EvaluateAsync("document.getElementById('query').textContent"));
            await page.PressAsync(verdict == 0 ? "ArrowDown" : verdict > 0 == await Person.RedIsLeftAsync(page) ? "ArrowLeft" : "ArrowRight");
            pressed(i + 1);
        }
        await page.WaitAsync("!document.getElementById('end').hidden");
    }

    // What each person thinks of each pair: any fixed rule.
    private static int Wanted(string person, string query) => ContentId.Seed(1, person, query) % 3 - 1;
}

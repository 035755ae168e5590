using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Vpo.Comparisons;

namespace Vpo.Compare.Tests;

/// <summary>The server without a browser: who may vote, how often, and what a page gets to know.</summary>
public sealed class CompareServerTests : IDisposable
{
    private readonly Colours _colours = new(5);

    public void Dispose() => _colours.Dispose();

    private static HttpClient Client(CompareServer server) => new() { BaseAddress = new(server.Address, "/") };

    private static async Task<JsonElement> Next(HttpClient client, string name) =>
        await (await client.PostAsJsonAsync("api/next", new { annotator = name })).EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();

    private static Task<HttpResponseMessage> Vote(HttpClient client, string? ticket, string choice = "left") => client.PostAsJsonAsync("api/vote", new { ticket, choice });

    private static string TicketOf(JsonElement next) => next.GetProperty("ticket").GetString()!;

    [Fact]
    public async Task Vote_Repeated_IsRefusedAndKeptOnce()
    {
        await using var server = await _colours.StartAsync();
        using var client = Client(server);
        var ticket = TicketOf(await Next(client, "Ada"));
        Assert.Equal(HttpStatusCode.OK, (await Vote(client, ticket)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await Vote(client, ticket, "right")).StatusCode);
        Assert.Equal(Choice.Left, Assert.Single(_colours.Votes).Choice);
    }

    [Fact]
    public async Task Vote_WithAnotherPageOfTheSamePairByTheSamePerson_CountsOnce()
    {
        await using var server = await _colours.StartAsync();
        using var client = Client(server);
        var (one, two) = (TicketOf(await Next(client, "Ada")), TicketOf(await Next(client, "ada")));
        Assert.NotEqual(one, two);
        var answers = await Task.WhenAll(Vote(client, one), Vote(client, two));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
        Assert.Single(_colours.Votes);
    }

    [Fact]
    public async Task Vote_Forged_IsRefused()
    {
        await using var server = await _colours.StartAsync();
        using var client = Client(server);
        var ticket = TicketOf(await Next(client, "Ada"));
        var changed = ticket[..20] + (ticket[20] == 'A' ? 'B' : 'A') + ticket[21..];
        using var stranger = new Colours(5);
        await using var other = await stranger.StartAsync();
        using var elsewhere = Client(other);
        foreach (var forged in new[] { changed, "", null, "x", "eyJhIjoxfQ", TicketOf(await Next(elsewhere, "Ada")) })
            Assert.Equal(HttpStatusCode.Forbidden, (await Vote(client, forged)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await Vote(client, ticket, "both")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync("api/vote", new StringContent($"{{\"ticket\":\"{ticket}\",\"choice\":\"left\"}}"))).StatusCode);
        Assert.Empty(_colours.Votes);
    }

    [Fact]
    public async Task Request_OfAnotherPageOrName_IsRefused()
    {
        await using var server = await _colours.StartAsync();
        using var client = Client(server);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "api/next") { Content = JsonContent.Create(new { annotator = "Ada" }), Headers = { { "Origin", "http://evil.example" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(foreign)).StatusCode);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(rebound)).StatusCode);
    }

    [Fact]
    public async Task Token_WhereAsked_IsNeededForEverything()
    {
        await using var server = await _colours.StartAsync(token: true);
        using var client = Client(server);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/?token=guess")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsJsonAsync("api/next", new { annotator = "Ada" })).StatusCode);
        Assert.Contains("Compare two clips", await client.GetStringAsync(server.Address), StringComparison.Ordinal);   // sets the cookie and goes to the page
        Assert.Equal(5, (await Next(client, "Ada")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Clips_ManyAtOnce_AllArrive()
    {
        await using var server = await _colours.StartAsync();
        using var client = Client(server);
        var ticket = TicketOf(await Next(client, "Ada"));
        var statuses = await Task.WhenAll(Enumerable.Range(0, 400).Select(async i =>
        {
            using var reply = await client.GetAsync($"clip/{(i % 2 == 0 ? "left" : "right")}?ticket={ticket}");
            return reply.StatusCode;
        }));
        Assert.All(statuses, s => Assert.Equal(HttpStatusCode.OK, s));
    }

    [Fact]
    public void NeedsToken_OnAnotherAddress_IsAlwaysSo()
    {
        Assert.True(new CompareOptions { Folder = "x", Address = IPAddress.Any }.NeedsToken);
        Assert.False(new CompareOptions { Folder = "x" }.NeedsToken);
        Assert.False(new CompareOptions { Folder = "x", Address = IPAddress.IPv6Loopback }.NeedsToken);
    }

    [Fact]
    public async Task Page_Everything_SaysNothingOfMethodsOrFiles()
    {
        await using var server = await _colours.StartAsync();
        using var client = Client(server);
        var next = await Next(client, "Ada");
        var clip = await client.GetAsync($"clip/left?ticket={TicketOf(next)}");
        var all = $"{next.GetRawText()} {clip.Headers} {clip.Content.Headers} {await client.GetStringAsync("/")} {await client.GetStringAsync("app.js")}";
        Assert.DoesNotContain("secret", all, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(_colours.Folder, all, StringComparison.Ordinal);
        Assert.DoesNotContain("Last-Modified", all, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("image/png", clip.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("clip/left?ticket=forged")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"clip/both?ticket={TicketOf(next)}")).StatusCode);
    }

    [Fact]
    public async Task Sides_OverAllPairs_AreExchangedInHalfOfThem()
    {
        using var many = new Colours(21);
        await using var server = await many.StartAsync();
        using var client = Client(server);
        foreach (var person in new[] { "Ada", "Bo" })
        {
            while ((await Next(client, person)).TryGetProperty("ticket", out var ticket))
                (await Vote(client, ticket.GetString())).EnsureSuccessStatusCode();
        }
        foreach (var person in many.Votes.GroupBy(v => v.Annotator))
            Assert.Equal(10, person.Count(v => v.Swapped));
        Assert.NotEqual(many.Votes.Where(v => v.Annotator == "Ada").Select(v => v.Pair), many.Votes.Where(v => v.Annotator == "Bo").Select(v => v.Pair));
    }

    [Fact]
    public async Task Start_AfterATornLine_GoesOnWithoutIt()
    {
        await using (var server = await _colours.StartAsync())
        {
            using var client = Client(server);
            (await Vote(client, TicketOf(await Next(client, "Ada")))).EnsureSuccessStatusCode();
        }
        await File.AppendAllTextAsync(_colours.VotesPath, """{"id":"12","pair":"ab","annot""");
        await using var again = await _colours.StartAsync();
        using var second = Client(again);
        var next = await Next(second, "Ada");
        Assert.Equal(1, next.GetProperty("done").GetInt32());
        (await Vote(second, TicketOf(next), "tie")).EnsureSuccessStatusCode();
        Assert.Equal([Choice.Left, Choice.Tie], _colours.Votes.Select(v => v.Choice));
    }

    [Fact]
    public async Task Start_TwiceOnOneFolder_IsRefused()
    {
        await using var server = await _colours.StartAsync();
        var refused = await Assert.ThrowsAsync<IOException>(() => _colours.StartAsync());
        Assert.Contains("another server", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a\nb")]
    [InlineData("<script>")]
    [InlineData("a name that is longer than forty characters, really")]
    public async Task Next_WithoutAProperName_IsRefused(string name)
    {
        await using var server = await _colours.StartAsync();
        using var client = Client(server);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync("api/next", new { annotator = name })).StatusCode);
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Vpo.Comparisons;

namespace Vpo.Compare.Tests;

/// <summary>Clips that are video files. Skipped where there is no ffmpeg to make them, or no Chromium.</summary>
public sealed class VideoFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-videos-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<ComparisonPlan> PlanAsync()
    {
        foreach (var (method, colour) in new[] { ("one", "red"), ("two", "blue") })
        {
            var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, method)).FullName, "a ball-0.mp4");
            string[] arguments = ["-v", "error", "-f", "lavfi", "-i", $"color={colour}:s=64x48:r=8:d=2", "-pix_fmt", "yuv420p", path];
            using var ffmpeg = Process.Start(new ProcessStartInfo("/usr/bin/ffmpeg", arguments))!;
            await ffmpeg.WaitForExitAsync();
        }
        return ComparisonPlan.FromFolders(Path.Combine(_folder, "one"), Path.Combine(_folder, "two"));
    }

    [Theory]
    [InlineData("no-preference")]
    [InlineData("reduce")]
    public async Task Page_VideoFiles_PlayAndCanBeVotedOn(string motion)
    {
        if (!File.Exists("/usr/bin/ffmpeg"))
            Assert.Skip("absent: ffmpeg");
        await using var browser = await Browser.StartAsync();
        await using var server = await CompareServer.StartAsync(await PlanAsync(), new() { Folder = Path.Combine(_folder, "votes") });
        var page = await browser.OpenAsync(900, 700);
        await page.EmulateAsync("prefers-reduced-motion", motion);
        await page.GoAsync(server.Address);
        await page.WaitAsync("document.activeElement.id === 'name'");
        await page.TypeAsync("Ada");
        await page.PressAsync("Enter");
        await Person.ShownAsync(page, 0);
        if (motion == "reduce")
            Assert.Equal("2", await page.EvaluateAsync("[...document.querySelectorAll('video')].filter(v => v.paused && v.controls).length"));
        else
            await page.WaitAsync("[...document.querySelectorAll('video')].filter(v => v.currentTime > 0.2 && v.muted && v.loop).length === 2");
        await page.PressAsync("1");
        await page.WaitAsync("!document.getElementById('end').hidden");
        Assert.Equal(Choice.Left, Assert.Single(VoteFile.Read(Path.Combine(_folder, "votes", VoteFile.Name))).Choice);
    }

    [Fact]
    public async Task Clip_AskedForAPart_GivesThatPart()
    {
        if (!File.Exists("/usr/bin/ffmpeg"))
            Assert.Skip("absent: ffmpeg");
        await using var server = await CompareServer.StartAsync(await PlanAsync(), new() { Folder = Path.Combine(_folder, "votes") });
        using var client = new HttpClient { BaseAddress = server.Address };
        var next = await (await client.PostAsync("api/next", new StringContent("{\"annotator\":\"Ada\"}", new MediaTypeHeaderValue("application/json")))).Content.ReadAsStringAsync();
        var ticket = System.Text.Json.JsonDocument.Parse(next).RootElement.GetProperty("ticket").GetString();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"clip/left?ticket={ticket}") { Headers = { Range = new(4, 7) } };
        using var reply = await client.SendAsync(request);
        Assert.Equal((HttpStatusCode.PartialContent, "video/mp4"), (reply.StatusCode, reply.Content.Headers.ContentType!.MediaType));
        Assert.Equal("ftyp", await reply.Content.ReadAsStringAsync());
    }
}

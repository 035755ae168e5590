using Microsoft.Extensions.Logging;
using Vpo.Video.Hosted;

namespace Vpo.Video.Tests.Hosted;

/// <summary>Single faults, and what becomes of the job.</summary>
public sealed class FaultTests : IDisposable
{
    private static readonly VideoRequest Request = new("a red ball rolls") { Seed = 3 };
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-fault-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> All() => ["videos", "replicate", "comfyui", "fal", "zhipu"];

    public static TheoryData<string> WithoutSearch() => ["fal", "zhipu"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Jobs => File.ReadAllText(Path.Combine(_folder, "jobs.jsonl"));

    private async Task<VideoClip> Generate(string provider, FakeService fake, Action<HostedVideoOptions>? more = null, CancellationToken? token = null)
    {
        await using var services = Generators.Build(provider, fake, _folder, more);
        return await Generators.Get(services).GenerateAsync(Request, cancellationToken: token ?? Token);
    }

    private static Func<Verb, Fault> Once(Verb verb, params Fault[] faults)
    {
        var rest = new Queue<Fault>(faults);
        return asked => asked == verb && rest.TryDequeue(out var fault) ? fault : Fault.None;
    }

    [Theory, MemberData(nameof(All))]
    public async Task Generate_NoFault_MakesOneJobAndOneDownload(string provider)
    {
        await using var fake = Generators.Fake(provider);
        var clip = await Generate(provider, fake);
        Assert.Equal((1, 1), (fake.CountOf(Verb.Submit), fake.CountOf(Verb.Download)));
        Assert.Equal((64, 48, 49, 8.0, Request.Prompt, 3L), (clip.Width, clip.Height, clip.FrameCount, clip.FramesPerSecond, clip.Prompt, clip.Seed));
        Assert.All(fake.Requests, request => Assert.Equal(provider == "fal" ? "Key " + Generators.Key : "Bearer " + Generators.Key, request.Authorization));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Generate_ExpiredLinkThenTornDownloads_FetchesOneWholeClip(string provider)
    {
        await using var fake = Generators.Fake(provider);
        fake.NextFault = Once(Verb.Download, Fault.Expired, Fault.TornDownload, Fault.ShortDownload, Fault.Garbage);
        var clip = await Generate(provider, fake);
        Assert.Equal(5, fake.CountOf(Verb.Download));
        Assert.Equal(fake.Jobs.Values.Single().Clip, await File.ReadAllBytesAsync(clip.File!, Token));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Generate_LinkStaysExpired_SaysSoAndKeepsTheJob(string provider)
    {
        await using var fake = Generators.Fake(provider);
        fake.NextFault = verb => verb == Verb.Download ? Fault.Expired : Fault.None;
        var e = await Assert.ThrowsAsync<VideoGenerationException>(() => Generate(provider, fake, options => options.Retries = 2));
        Assert.Contains("can't be fetched", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", e.Message, StringComparison.Ordinal);
        fake.NextFault = _ => Fault.None;
        await Generate(provider, fake);
        Assert.Equal(1, fake.CountOf(Verb.Submit));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Generate_JobFailsOnce_IsSubmittedAgain(string provider)
    {
        await using var fake = Generators.Fake(provider);
        fake.NextFault = Once(Verb.Submit, Fault.FailedJob);
        await Generate(provider, fake);
        Assert.Equal(2, fake.CountOf(Verb.Submit));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Generate_JobFailsAlways_GivesTheReason(string provider)
    {
        await using var fake = Generators.Fake(provider);
        fake.NextFault = verb => verb == Verb.Submit ? Fault.FailedJob : Fault.None;
        var e = await Assert.ThrowsAsync<VideoGenerationException>(() => Generate(provider, fake, options => options.JobRetries = 1));
        Assert.Contains("failed", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, fake.CountOf(Verb.Submit));
    }

    [Theory]
    [InlineData("videos", 1, 1)]
    [InlineData("replicate", 1, 1)]
    [InlineData("comfyui", 1, 1)]
    public async Task Generate_AnswerToSubmitLost_FindsTheJob(string provider, int submits, int jobs)
    {
        await using var fake = Generators.Fake(provider);
        fake.NextFault = Once(Verb.Submit, Fault.DropAfter);
        await Generate(provider, fake);
        Assert.Equal((submits, jobs), (fake.CountOf(Verb.Submit), fake.Jobs.Count));
    }

    [Theory, MemberData(nameof(WithoutSearch))]
    public async Task Generate_AnswerToSubmitLostWithoutSearch_IsRefusedNotPaidTwice(string provider)
    {
        await using var fake = Generators.Fake(provider);
        fake.NextFault = Once(Verb.Submit, Fault.DropAfter);
        for (var call = 0; call < 2; call++)
        {
            var e = await Assert.ThrowsAsync<VideoGenerationException>(() => Generate(provider, fake));
            Assert.Contains("SubmitsAgainWhenLost", e.Message, StringComparison.Ordinal);
        }
        Assert.Equal(1, fake.CountOf(Verb.Submit));
        await Generate(provider, fake, options => options.SubmitsAgainWhenLost = true);
        Assert.Equal(2, fake.CountOf(Verb.Submit));
    }

    /// <summary>Of a program that was killed in the middle of a submit, or whose answer was lost: refused while fal does not list the job, taken up when it does.</summary>
    [Fact]
    public async Task Generate_FalAnswerLostAndTheJobEnded_IsTakenUpFromTheHistory()
    {
        await using var fake = Generators.Fake("fal");
        fake.NextFault = Once(Verb.Submit, Fault.DropAfter);
        var e = await Assert.ThrowsAsync<VideoGenerationException>(() => Generate("fal", fake));
        Assert.Contains("make the same request again", e.Message, StringComparison.Ordinal);
        Assert.Single(fake.Jobs.Values).Polls = 100;
        await Generate("fal", fake);
        Assert.Equal((1, 1), (fake.CountOf(Verb.Submit), fake.Jobs.Count));
        var asked = fake.Requests.Last(request => request.Path.StartsWith("/history", StringComparison.Ordinal));
        Assert.Contains("endpoint_id=fal-ai%2Fcogvideox-5b", asked.Query, StringComparison.Ordinal);
        Assert.Contains("expand=payloads", asked.Query, StringComparison.Ordinal);
        Assert.Equal("Key " + Generators.Key, asked.Authorization);
    }

    [Fact]
    public async Task Generate_ListWithoutPrompts_TrustsItOnlyWhenNothingIsNew()
    {
        await using var fake = new FakeVideosApi { ListsPrompts = false };
        fake.NextFault = Once(Verb.Submit, Fault.DropBefore);
        await Generate("videos", fake);
        Assert.Single(fake.Jobs);
        File.Delete(Path.Combine(_folder, "jobs.jsonl"));
        fake.NextFault = Once(Verb.Submit, Fault.DropAfter);
        await Assert.ThrowsAsync<VideoGenerationException>(() => Generate("videos", fake));
    }

    [Fact]
    public async Task Generate_ServerHonoursIdempotencyKey_RepeatsWithTheSameKey()
    {
        await using var fake = new FakeVideosApi { ListsPrompts = false };
        fake.NextFault = Once(Verb.Submit, Fault.BadGateway, Fault.DropBefore);
        await Generate("videos", fake, options => ((VideosApiOptions)options).HonoursIdempotencyKey = true);
        var keys = fake.Requests.Where(request => request.IdempotencyKey is not null).Select(request => request.IdempotencyKey).ToList();
        Assert.Equal(3, keys.Count);
        Assert.Single(keys.Distinct());
    }

    [Theory, MemberData(nameof(All))]
    public async Task Generate_Cancelled_CancelsTheJobWhereThatCanBe(string provider)
    {
        await using var fake = Generators.Fake(provider, polls: 1000);
        using var stop = new CancellationTokenSource();
        fake.NextFault = verb =>
        {
            if (verb == Verb.Poll && fake.Jobs.Values.Any(job => job.Polls > 2))
                stop.Cancel();
            return Fault.None;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Generate(provider, fake, token: stop.Token));
        var canceled = provider is "replicate" or "fal" or "comfyui";
        Assert.Equal(canceled ? 1 : 0, fake.CountOf(Verb.Cancel));
        Assert.Contains(canceled ? "\"Canceled\"" : "\"Submitted\"", Jobs.Split('\n')[^2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_TwoCallsOfOneRequest_MakeOneJob()
    {
        await using var fake = Generators.Fake("videos");
        await using var services = Generators.Build("videos", fake, _folder);
        var generator = Generators.Get(services);
        var clips = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => generator.GenerateAsync(Request, cancellationToken: Token)));
        Assert.Equal(1, fake.CountOf(Verb.Submit));
        Assert.Single(clips.Select(clip => clip.File).Distinct());
    }

    [Fact]
    public async Task Generate_ServerForgotTheJob_SaysSoAndSubmitsNothing()
    {
        await using var fake = Generators.Fake("videos", polls: 1000);
        using var stop = new CancellationTokenSource();
        fake.NextFault = verb =>
        {
            if (verb == Verb.Poll)
                stop.Cancel();
            return Fault.None;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Generate("videos", fake, token: stop.Token));
        fake.Jobs.Clear();
        fake.NextFault = _ => Fault.None;
        var e = await Assert.ThrowsAsync<VideoGenerationException>(() => Generate("videos", fake, options => options.Retries = 2));
        Assert.Contains("no longer knows", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, fake.CountOf(Verb.Submit));
    }

    [Fact]
    public async Task Generate_TakesTooLong_EndsAndIsTakenUpLater()
    {
        await using var fake = Generators.Fake("videos", polls: 30);
        var e = await Assert.ThrowsAsync<VideoGenerationException>(() => Generate("videos", fake, options => options.JobTimeout = TimeSpan.FromMilliseconds(1)));
        Assert.Contains("It goes on", e.Message, StringComparison.Ordinal);
        await Generate("videos", fake);
        Assert.Equal(1, fake.CountOf(Verb.Submit));
    }

    [Fact]
    public async Task Folder_InUseByAnother_IsRefused()
    {
        await using var fake = Generators.Fake("videos");
        await using var services = Generators.Build("videos", fake, _folder);
        await Generators.Get(services).GenerateAsync(Request, cancellationToken: Token);
        Assert.Contains("in use", (await Assert.ThrowsAsync<IOException>(() => Generate("videos", fake))).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Key_IsNeverLoggedThrownOrWritten(string provider)
    {
        await using var fake = Generators.Fake(provider);
        fake.Echo = Generators.Key;
        var log = new Lines();
        await using var services = Generators.Build(provider, fake, _folder, options => (options.Retries, options.JobRetries) = (1, 0), log);
        fake.NextFault = verb => verb == Verb.Submit ? Fault.Unauthorized : Fault.None;
        var e = await Assert.ThrowsAsync<VideoGenerationException>(() => Generators.Get(services).GenerateAsync(Request, cancellationToken: Token));
        Assert.Contains("***", e.Message, StringComparison.Ordinal);
        var all = e + string.Join('\n', log.All) + string.Join('\n', Directory.EnumerateFiles(_folder).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.DoesNotContain(Generators.Key, all, StringComparison.Ordinal);
        Assert.NotEmpty(log.All);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentBag<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception) + exception);

        public void Dispose() { }
    }
}

using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.Chat;

public sealed class ChatCallTests
{
    private static readonly CallOptions Fast = new() { FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(5) };

    [Fact]
    public async Task UseRetries_FailuresThatMayPass_AreTriedAgain()
    {
        var failures = new Queue<Exception>([new HttpRequestException("x", null, System.Net.HttpStatusCode.TooManyRequests), new IOException("cut"), new TimeoutException()]);
        using var client = new ChatClientBuilder(new ScriptedChatClient(_ => failures.TryDequeue(out var e) ? throw e : "good")).UseRetries(Fast).Build();
        Assert.Equal("good", (await client.GetResponseAsync("hi")).Text);
    }

    [Fact]
    public async Task UseRetries_CallersFault_IsThrownAtOnce()
    {
        var calls = 0;
        using var client = new ChatClientBuilder(new ScriptedChatClient(_ => { calls++; throw new HttpRequestException("x", null, System.Net.HttpStatusCode.Unauthorized); })).UseRetries(Fast).Build();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetResponseAsync("hi"));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task UseRetries_TimeOutOfTheClientBelow_IsTriedAgainUnlessTheCallerCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        var inner = new ScriptedChatClient(m => m[^1].Text == "stop" ? Cancel(cancelled) : throw new TaskCanceledException("the client's own time-out"));
        using var client = new ChatClientBuilder(inner).UseRetries(Fast with { Retries = 2 }).Build();
        await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetResponseAsync("hi"));
        Assert.Equal(3, inner.Calls.Count);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("stop", cancellationToken: cancelled.Token));
        Assert.Equal(4, inner.Calls.Count);
    }

    private static string Cancel(CancellationTokenSource source)
    {
        source.Cancel();
        throw new OperationCanceledException(source.Token);
    }

    [Fact]
    public async Task UseJudgePanel_Container_CallsGoThroughTheClientsPipeline()
    {
        var services = new ServiceCollection();
        var ledger = new CostLedger();
        services.AddChatClient(new ScriptedChatClient(m => m[0].Text == ChatTemplates.Adversary ? "VERDICT: UNSAFE" : "VERDICT: ALIGNED"));
        services.AddVpo().UseJudgePanel(calls: c => c.UseRobustCalls(Fast with { Ledger = ledger, Stage = "panel" }));
        await using var provider = services.BuildServiceProvider();
        Assert.Equal(Judgement.Aligned, (await provider.GetRequiredService<IJudge>().JudgeAsync("q", "p")).Judgement);
        Assert.Equal(4, ledger.ByStage()["panel"].Calls);
    }

    [Fact]
    public async Task UseRetries_AnswerIsNeverAccepted_IsHandedOutInTheEnd()
    {
        var inner = new ScriptedChatClient(_ => "");
        using var client = new ChatClientBuilder(inner).UseRetries(Fast with { Retries = 3 }).Build();
        Assert.Equal("", (await client.GetResponseAsync("hi")).Text);
        Assert.Equal(4, inner.Calls.Count);
    }

    [Fact]
    public async Task UseGuard_ServiceFailsAlways_IsLeftAlone()
    {
        var calls = 0;
        using var client = new ChatClientBuilder(new ScriptedChatClient(_ => { calls++; throw new IOException("down"); }))
            .UseGuard(new() { BreakAfter = 4, BreakRatio = 0.5, BreakDuration = TimeSpan.FromMinutes(1) }).Build();
        for (var i = 0; i < 10; i++)
            await Assert.ThrowsAnyAsync<Exception>(() => client.GetResponseAsync("hi"));
        Assert.Equal(4, calls);
    }

    [Fact]
    public async Task UseConcurrencyLimit_ManyCalls_FewAtATime()
    {
        var (now, most) = (0, 0);
        using var client = new ChatClientBuilder(new SlowClient(async () =>
        {
            var running = Interlocked.Increment(ref now);
            most = Math.Max(most, running);
            await Task.Delay(10);
            Interlocked.Decrement(ref now);
        })).UseConcurrencyLimit(3).Build();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetResponseAsync("hi")));
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task UseRateLimit_MoreThanTheMinuteHolds_Waits()
    {
        using var client = new ChatClientBuilder(new ScriptedChatClient(_ => "x")).UseRateLimit(600).Build();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 14).Select(_ => client.GetResponseAsync("hi")));
        Assert.True(clock.Elapsed > TimeSpan.FromMilliseconds(250), $"{clock.Elapsed}");
    }

    [Fact]
    public async Task UseResponseCache_SameRequest_IsAnsweredFromTheFolderAfterARestart()
    {
        using var folder = new TemporaryFolder();
        var inner = new ScriptedChatClient(m => m[^1].Text == "empty" ? "" : $"answer {m[^1].Text}");
        for (var run = 0; run < 2; run++)
        {
            using var client = new ChatClientBuilder(inner).UseResponseCache(new FileCache(folder.Path)).Build();
            Assert.Equal("answer a", (await client.GetResponseAsync("a", new() { Seed = 1 })).Text);
            Assert.Equal("", (await client.GetResponseAsync("empty")).Text);
        }
        Assert.Equal(["a", "empty", "empty"], inner.Calls.Select(c => c[^1].Text));
        using var other = new ChatClientBuilder(inner).UseResponseCache(new FileCache(folder.Path)).Build();
        await other.GetResponseAsync("a", new() { Seed = 2 });
        Assert.Equal(4, inner.Calls.Count);
    }

    [Fact]
    public async Task UseRobustCalls_Telemetry_HasGenAiNames()
    {
        var seen = new List<string>();
        using var listener = new ActivityListener { ShouldListenTo = s => s.Name.Contains("AI", StringComparison.Ordinal), Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData, ActivityStopped = a => { lock (seen) seen.AddRange(a.TagObjects.Select(t => t.Key)); } };
        ActivitySource.AddActivityListener(listener);
        using var client = new ChatClientBuilder(new ScriptedChatClient(_ => "x")).UseRobustCalls(Fast).Build();
        await client.GetResponseAsync("hi", new() { ModelId = "m" });
        lock (seen)
            Assert.Contains("gen_ai.operation.name", seen);
    }

    [Fact]
    public void VerdictCounts_Verdicts_UnclearIsItsOwn()
    {
        Verdict Of(Judgement judgement, AlignmentClass? kind) => new() { Query = "q", Prompt = "p", Judgement = judgement, Class = kind };
        var counts = VerdictCounts.Of([Of(Judgement.Aligned, AlignmentClass.Aligned), Of(Judgement.Unclear, null), Of(Judgement.Misaligned, null), Of(Judgement.Misaligned, AlignmentClass.Unsafe)]);
        Assert.Equal("4 verdicts: 1 aligned, 1 unsafe, 1 imprecise, 0 refusals, 1 unclear", counts.ToString());
    }

    private sealed class SlowClient(Func<Task> work) : DelegatingChatClient(new ScriptedChatClient(_ => "x"))
    {
        public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            await work();
            return await base.GetResponseAsync(messages, options, cancellationToken);
        }
    }
}

using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using OpenAI;
using Vpo.Core.Tests.Fakes;
using Vpo.Stages;
using Vpo.Storage;

namespace Vpo.Core.Tests.Chat;

/// <summary>A stage of judgements over a service that fails three calls in ten, driven through OpenAI's own client.</summary>
public sealed class JudgeDrillTests
{
    private const string PortVariable = "VPO_DRILL_PORT";
    private const string FolderVariable = "VPO_DRILL_FOLDER";
    private const string CountVariable = "VPO_DRILL_COUNT";

    [Fact]
    public Task RunAsync_ThreeCallsInTenFail_NoneIsLostAndTheLedgerIsExact() => DrillAsync(200);

    [Fact(Explicit = true), Trait("Category", "Long")]
    public Task RunAsync_TwoThousandJudgements_NoneIsLostAndTheLedgerIsExact() => DrillAsync(2000);

    [Fact]
    public async Task RunAsync_KilledInTheMiddleAndRunAgain_GivesTheSameRecords()
    {
        const int Count = 80;
        using var server = new JudgeServer(failing: 0.3, seed: 11);
        using var whole = new TemporaryFolder();
        using var killed = new TemporaryFolder();
        var expected = await JudgeAsync(server.Port, whole.Path, Count);
        var file = Path.Combine(killed.Path, "verdicts.jsonl");
        using (var child = StartChild(server.Port, killed.Path, Count))
        {
            for (var i = 0; i < 600 && Lines(file) < Count / 4 && !child.HasExited; i++)
                await Task.Delay(50);
            child.Kill();
            await child.WaitForExitAsync();
        }
        Assert.InRange(Lines(file), Count / 4, Count - 1);
        var resumed = await JudgeAsync(server.Port, killed.Path, Count);
        Assert.Equal(expected, resumed);
        Assert.Equal(Count, JsonlFile.Read(file, VpoJson.Lines.VerdictRecord).Select(r => r.Id).Distinct().Count());
        Assert.Equal(Count, Lines(file));
    }

    /// <summary>What the process that is killed runs; does nothing in an ordinary run of the tests.</summary>
    [Fact(Explicit = true)]
    public async Task Child_OfTheDrill_JudgesSlowly()
    {
        if (Environment.GetEnvironmentVariable(PortVariable) is { } port)
            await JudgeAsync(int.Parse(port, CultureInfo.InvariantCulture), Environment.GetEnvironmentVariable(FolderVariable)!, int.Parse(Environment.GetEnvironmentVariable(CountVariable)!, CultureInfo.InvariantCulture), TimeSpan.FromMilliseconds(200));
    }

    private static async Task DrillAsync(int count)
    {
        using var server = new JudgeServer(failing: 0.3, seed: 7);
        using var folder = new TemporaryFolder();
        var clock = Stopwatch.StartNew();
        var records = await JudgeAsync(server.Port, folder.Path, count, chunk: 50);   // calls that hang do so side by side
        var ledger = new CostLedger(Path.Combine(folder.Path, "calls.jsonl"), new Dictionary<string, TokenPrice> { [JudgeServer.Model] = new(2.5m, 10m) });
        var total = ledger.Total("judge");
        TestContext.Current.SendDiagnosticMessage($"{count} judgements in {clock.Elapsed.TotalSeconds:0.0} s: {total}; {string.Join(", ", server.Counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}"))}");
        Assert.Equal(count, records.Count);
        Assert.Equal(count, records.Select(r => r.Id).Distinct().Count());
        Assert.All(records, r => Assert.Equal(JudgeServer.VerdictOn(r.Query), r.Class));
        Assert.Equal((server.Charged, server.Charged * (long)JudgeServer.Tokens, server.Charged * JudgeServer.Tokens / 10L), (total.Calls, total.Input, total.Output));
        Assert.Equal(server.Counts.Where(c => c.Key is "429" or "500" or "time-out" or "cut").Sum(c => c.Value), total.Failures);
        Assert.Equal(server.Charged * JudgeServer.Tokens * (2.5m + 1m) / 1_000_000, total.Cost);
        Assert.All(new[] { "429", "500", "time-out", "cut", "empty", "garbage", "refusal" }, way => Assert.True(server.Counts.GetValueOrDefault(way) > 0, way));
    }

    /// <summary>Judges prompts for numbered queries and returns what the records say, without what depends on luck.</summary>
    private static async Task<IReadOnlyList<(string Id, string Query, AlignmentClass? Class, string Critique, TokenUsage? Usage)>> JudgeAsync(int port, string folder, int count, TimeSpan pause = default, int chunk = 10)
    {
        var calls = new CallOptions
        {
            Retries = 12,
            FirstDelay = TimeSpan.FromMilliseconds(20),
            LongestDelay = TimeSpan.FromSeconds(1),
            Timeout = TimeSpan.FromSeconds(5),   // on a crowded machine an answer that the server counts may take seconds to arrive
            Concurrency = 16,
            Ledger = new(Path.Combine(folder, "calls.jsonl")),
            Stage = "judge",
        };
        var transport = new OpenAIClient(new ApiKeyCredential("none"), new() { Endpoint = new($"http://127.0.0.1:{port}/v1"), RetryPolicy = new ClientRetryPolicy(0) });
        using var client = transport.GetChatClient(JudgeServer.Model).AsIChatClient().AsBuilder().UseRobustCalls(calls).Build();
        using var judge = new Slow(new ChatJudge(client, new() { Repeats = 8 }), pause);
        List<PromptRecord> prompts = [.. Enumerable.Range(0, count).Select(i => new PromptRecord { Id = $"{i}", Query = $"query {i}", Prompts = [$"A scene for query {i}."], Provenance = Provenance.Of(null, "drill", 0) })];
        var context = new StageContext(folder, new() { ChunkSize = chunk }, TimeProvider.System, null);
        var records = await VerdictStage.RunAsync(context, "verdicts.jsonl", new(judge, Refine: false), prompts, CancellationToken.None);
        return [.. records.Select(r => (r.Id, r.Verdict.Query, r.Verdict.Class, r.Verdict.Critique, r.Verdict.Usage))];
    }

    private static int Lines(string file) => File.Exists(file) ? File.ReadLines(file).Count() : 0;

    private static Process StartChild(int port, string folder, int count)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Vpo.Core.Tests" + (OperatingSystem.IsWindows() ? ".exe" : "")))
        {
            ArgumentList = { "-method", "*Child_OfTheDrill*", "-explicit", "only", "-noLogo" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[PortVariable] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment[FolderVariable] = folder;
        start.Environment[CountVariable] = count.ToString(CultureInfo.InvariantCulture);
        var child = Process.Start(start)!;
        child.OutputDataReceived += (_, _) => { };
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }

    private sealed class Slow(IJudge inner, TimeSpan pause) : DelegatingJudge(inner)
    {
        public override async Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default)
        {
            await Task.Delay(pause, cancellationToken);
            return await base.JudgeAsync(query, prompt, cancellationToken);
        }
    }
}

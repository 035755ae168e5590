namespace Vpo.Cli.Tests;

/// <summary>Two real programs on one output.</summary>
public sealed class TwoProcessesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-two-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static string Program => Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll");

    /// <summary>The first is held in its first call of the judge; the second is refused, a part of a divided run and a reader are not; killed, the first leaves nothing in the way, and no prompt is rated twice.</summary>
    [Fact]
    public async Task OneFile_TwoWriters_TheSecondIsRefusedUntilTheFirstIsKilled()
    {
        await File.WriteAllLinesAsync(In("prompts.txt"), Enumerable.Range(0, 20).Select(i => $"wish {i}"));
        using var held = new ManualResetEventSlim();
        var first = true;
        await using var chat = new FakeChat(_ =>
        {
            if (first)
                held.Wait(TimeSpan.FromSeconds(60));
            return "Fine.\nLevel: 1";
        });
        string[] rate = [Program, "safety", "text", "--input", In("prompts.txt"), "--judge", chat.Address, "--chat-model", "judge", "--out", In("out/levels.jsonl")];
        var killed = await ProgramRun.StartAsync("dotnet", rate, whileRunning: process =>
        {
            while (chat.Calls == 0)
                Assert.False(process.WaitForExit(20), "ended before it called the judge");
            var second = ProgramRun.StartAsync("dotnet", rate).GetAwaiter().GetResult();
            Assert.Equal(1, second.ExitCode);
            Assert.Contains($"another process is writing to '{In("out/levels.jsonl")}': wait until it has ended, or choose another", second.Error, StringComparison.Ordinal);
            ProgramRun.StartAsync("dotnet", [Program, "judge", "--input", In("prompts.txt"), "--no-refine", "--shard", "0/2", "--out", In("out/verdicts.jsonl")]).GetAwaiter().GetResult().MustSucceed();
            ProgramRun.StartAsync("dotnet", [Program, "lengths", In("prompts.txt")]).GetAwaiter().GetResult().MustSucceed();
            process.Kill();
        });
        Assert.NotEqual(0, killed.ExitCode);
        first = false;
        held.Set();
        (await ProgramRun.StartAsync("dotnet", rate)).MustSucceed();
        Assert.Equal(20, (await File.ReadAllLinesAsync(In("out/levels.jsonl"))).Distinct().Count());
        Assert.Empty(Directory.GetFiles(In("out"), "*.lock"));
    }
}

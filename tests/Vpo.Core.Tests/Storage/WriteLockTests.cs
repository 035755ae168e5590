using System.Diagnostics;
using Vpo.Core.Tests.Fakes;
using Vpo.Storage;

namespace Vpo.Core.Tests.Storage;

public sealed class WriteLockTests
{
    private const string FileVariable = "VPO_TEST_LOCK";

    [Fact]
    public void Take_HeldTwice_FailsOnceAndNamesThePath()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("deep/notes.jsonl");
        using (WriteLock.Take(path))
        {
            Assert.Contains($"another process is writing to '{path}'", Assert.Throws<IOException>(() => WriteLock.Take(path)).Message, StringComparison.Ordinal);
            WriteLock.Take(folder.File("deep/other.jsonl")).Dispose();
        }
        WriteLock.Take(path).Dispose();
        Assert.Empty(folder.Contents());
    }

    /// <summary>However many threads want it, one at a time has it: also where a holder deletes the file while another opens it.</summary>
    [Fact]
    public async Task Take_ByManyAtOnce_HasOneHolder()
    {
        using var folder = new TemporaryFolder();
        var (path, holders, most, taken) = (folder.File("x"), 0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 300; i++)
            {
                try
                {
                    using var held = WriteLock.Take(path);
                    most = Math.Max(most, Interlocked.Increment(ref holders));
                    Thread.SpinWait(50);
                    Interlocked.Decrement(ref holders);
                    Interlocked.Increment(ref taken);
                }
                catch (IOException)
                {
                    Thread.Yield();
                }
            }
        })));
        Assert.Equal(1, most);
        Assert.True(taken > 10);
    }

    /// <summary>Another process holds it and is killed: then it is free, whatever is left of its file.</summary>
    [Fact]
    public async Task Take_HolderKilled_IsFree()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("notes.jsonl");
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Vpo.Core.Tests" + (OperatingSystem.IsWindows() ? ".exe" : "")))
        {
            ArgumentList = { "-method", "*" + nameof(Child_HoldsTheLock), "-explicit", "only", "-noLogo" },
            RedirectStandardOutput = true,
        };
        start.Environment[FileVariable] = path;
        using var child = Process.Start(start)!;
        try
        {
            while (!File.Exists(path + ".held"))
            {
                Assert.False(child.HasExited, "the child ended before it held the lock");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
            Assert.Throws<IOException>(() => WriteLock.Take(path));
        }
        finally
        {
            child.Kill(entireProcessTree: true);
            await child.WaitForExitAsync(CancellationToken.None);
        }
        Assert.True(File.Exists(path + ".lock") || OperatingSystem.IsWindows());
        WriteLock.Take(path).Dispose();
        Assert.False(File.Exists(path + ".lock"));
    }

    [Fact(Explicit = true)]
    public async Task Child_HoldsTheLock()
    {
        var path = Environment.GetEnvironmentVariable(FileVariable) ?? throw new InvalidOperationException("started by another test only");
        using var held = WriteLock.Take(path);
        await File.WriteAllTextAsync(path + ".held", "", TestContext.Current.CancellationToken);
        await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
    }

    /// <summary>While a stage works, a second one of the same file fails before it works; a complete one only reads; other files are free.</summary>
    [Fact]
    public async Task Stage_AtWork_KeepsOthersOutOfItsFileOnly()
    {
        using var folder = new TemporaryFolder();
        var inside = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        Stage<int, Note> Make(string name) => new("notes", folder.File(name), NoteJson.Default.Note, i => $"{i}");
        Task<IReadOnlyList<Note>> Plain(IReadOnlyList<int> chunk, CancellationToken _) => Task.FromResult<IReadOnlyList<Note>>([.. chunk.Select(i => new Note($"{i}", ""))]);
        var first = Make("a.jsonl").RunAsync([1, 2], async (chunk, ct) =>
        {
            inside.SetResult();
            await leave.Task;
            return await Plain(chunk, ct);
        }, cancellationToken: TestContext.Current.CancellationToken);
        await inside.Task;
        await Assert.ThrowsAsync<IOException>(() => Make("a.jsonl").RunAsync([1, 2], (_, _) => throw new InvalidOperationException("must not work")));
        Assert.Equal(2, (await Make("b.jsonl").RunAsync([1, 2], Plain)).Count);
        leave.SetResult();
        Assert.Equal(2, (await first).Count);
        using (WriteLock.Take(folder.File("a.jsonl")))
            Assert.Equal(2, (await Make("a.jsonl").RunAsync([2, 1], (_, _) => throw new InvalidOperationException("nothing to do"))).Count);
        Assert.Equal(["1", "2"], JsonlFile.Read(folder.File("a.jsonl"), NoteJson.Default.Note).Select(n => n.Id));
    }
}

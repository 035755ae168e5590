using CsCheck;
using Vpo.Core.Tests.Fakes;
using Vpo.Storage;

namespace Vpo.Core.Tests.Storage;

public sealed class StageTests
{
    /// <summary>The text of a record names its whole chunk: it changes when batches are put together otherwise.</summary>
    private static Task<IReadOnlyList<Note>> Work(IReadOnlyList<int> chunk, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Note>>([.. chunk.Select(i => new Note($"{i}", string.Join(',', chunk)))]);

    private static Stage<int, Note> Make(string path, int chunk) => new("notes", path, NoteJson.Default.Note, i => $"{i}") { ChunkSize = chunk };

    [Fact]
    public void RunAsync_KilledAtAnyByte_EndsWithTheSameFile() => Gen.Select(Gen.Int[1, 12], Gen.Int[1, 5], Gen.Double.Unit).SampleAsync(async (count, chunk, share) =>
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("notes.jsonl");
        int[] inputs = [.. Enumerable.Range(0, count)];
        var expected = await Make(path, chunk).RunAsync(inputs, Work);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(int)(bytes.Length * share)]);
        Assert.Equal(expected, await Make(path, chunk).RunAsync(inputs, Work));
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }, iter: 60);

    [Fact]
    public async Task RunAsync_AllThere_DoesNoWork()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("notes.jsonl");
        await Make(path, 2).RunAsync([1, 2, 3], Work);
        await Make(path, 2).RunAsync([3, 2, 1], (_, _) => throw new InvalidOperationException("nothing to do"));
    }

    [Fact]
    public async Task RunAsync_OnlyMissing_MakesWhatIsMissingOfEachChunk()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("notes.jsonl");
        await Make(path, 2).RunAsync([2, 5], Work);
        var made = new List<int>();
        var stage = new Stage<int, Note>("notes", path, NoteJson.Default.Note, i => $"{i}") { ChunkSize = 3, OnlyMissing = true };
        var records = await stage.RunAsync([1, 2, 3, 4, 5], (chunk, ct) => { made.AddRange(chunk); return Work(chunk, ct); });
        Assert.Equal([1, 3, 4], made);
        Assert.Equal(["1", "2", "3", "4", "5"], records.Select(r => r.Id));
        Assert.Equal(["2", "5", "1", "3", "4"], JsonlFile.Read(path, NoteJson.Default.Note).Select(r => r.Id));
    }

    [Fact]
    public async Task RunAsync_TwoInputsWithOneId_Refuses()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<ArgumentException>(() => Make(folder.File("x.jsonl"), 2).RunAsync([1, 1], Work));
        Assert.StartsWith("expected inputs with different ids, found 1 twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_WorkGivesOtherRecords_Refuses()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Make(folder.File("x.jsonl"), 2).RunAsync([1, 2], (_, _) => Task.FromResult<IReadOnlyList<Note>>([new("2", ""), new("1", "")])));
        Assert.Equal("expected the record 1 at 0 of a chunk, found 2", error.Message);
    }

    [Fact]
    public async Task RunAsync_Canceled_KeepsWholeChunks()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var path = folder.File("notes.jsonl");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Make(path, 2).RunAsync([1, 2, 3, 4], (chunk, ct) =>
        {
            stop.Cancel();
            return Work(chunk, ct);
        }, null, stop.Token));
        Assert.Equal(["1", "2"], JsonlFile.Read(path, NoteJson.Default.Note).Select(n => n.Id));
    }
}

using Vpo.Models.Checkpoints;
using Vpo.Models.Gguf;

namespace Vpo.Models.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-gguf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Open_HugeCounts_ReserveNothing()
    {
        var path = Path.Combine(_folder, "huge.gguf");
        foreach (var counts in new[] { (ulong.MaxValue, 0UL), (0UL, ulong.MaxValue), (1UL << 40, 1UL << 40) })
        {
            File.WriteAllBytes(path, [.. "GGUF"u8, .. BitConverter.GetBytes(3), .. BitConverter.GetBytes(counts.Item1), .. BitConverter.GetBytes(counts.Item2), .. new byte[64]]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<CheckpointException>(() => GgufFile.Open(path));
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        }
    }

    [Fact]
    public void Open_OtherVersionOrKind_SaysSo()
    {
        var path = Path.Combine(_folder, "other.gguf");
        File.WriteAllBytes(path, [.. "GGUF"u8, .. BitConverter.GetBytes(2), .. new byte[64]]);
        Assert.Contains("version 2", Assert.Throws<CheckpointException>(() => GgufFile.Open(path)).Message);
        File.WriteAllBytes(path, new byte[64]);
        Assert.Contains("not a GGUF", Assert.Throws<CheckpointException>(() => GgufFile.Open(path)).Message);
    }
}

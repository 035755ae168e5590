using CsCheck;
using Vpo.Models.Checkpoints;
using Vpo.Models.Gguf;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-gguf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Golden(string relative) => Path.Combine(Repository.Root, "tests", "golden", "gguf", relative);

    /// <summary>Changes one byte, mostly in the header, and cuts the end.</summary>
    private void Mutate(byte[] good, int header, int iterations, Action<string> open)
    {
        var path = Path.Combine(_folder, "mutated.gguf");
        Gen.Select(Gen.Int[0, header - 1], Gen.Byte, Gen.Int[0, 4 * good.Length]).Sample((at, value, length) =>
        {
            var bytes = good.ToArray();
            bytes[at] = value;
            File.WriteAllBytes(path, bytes[..Math.Min(bytes.Length, Math.Max(length, 1))]);
            using var scope = NewDisposeScope();
            try
            {
                open(path);
            }
            catch (CheckpointException)
            {
            }
        }, iter: iterations, threads: 1);
    }

    [Fact]
    public void Open_MutatedFile_GivesATypedErrorOrASoundFile() => Mutate(File.ReadAllBytes(Golden("block_types/tensors.gguf")), 1024, 1500, path =>
    {
        using var file = GgufFile.Open(path);
        foreach (var name in file.Shapes.Keys)
            file.Read(name).Dispose();
    });

    [Fact]
    public void Open_MutatedModel_GivesATypedErrorOrAModel() => Mutate(File.ReadAllBytes(Golden("llama_q4_0_tied/model.gguf")), 2048, 500, path =>
    {
        using var checkpoint = LlamaCheckpoint.Open(path);
        checkpoint.Load().Dispose();
    });

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

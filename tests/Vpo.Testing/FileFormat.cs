using System.Collections.Concurrent;
using CsCheck;
using Vpo.Models.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Vpo.Testing;

/// <summary>A format of files: one that is sound, and how it is opened and used. Files beside it are sound too.</summary>
/// <param name="Source">The file that is damaged.</param>
/// <param name="Open">Opens a path and uses what it holds.</param>
/// <param name="Header">Bytes at its beginning in which most of the damage is done.</param>
/// <param name="NeedsFolder">Whether the files beside it are needed.</param>
public sealed record FileFormat(string Source, Action<string> Open, int Header = 2048, bool NeedsFolder = false)
{
    /// <summary>Damaged files in the default tier and in the long one.</summary>
    public const int Default = 2_000, Long = 100_000;

    private const string Sound = "opened";

    /// <summary>The one kind of exception that a damaged file may end with.</summary>
    public Type Refusal { get; init; } = typeof(CheckpointException);

    /// <summary>Whatever is in a file: a typed error or a sound result, no crash, and no memory beyond what the file could fill.</summary>
    /// <param name="times">How many damaged files.</param>
    /// <returns>How many were opened, and how many refused with which exception.</returns>
    public string Damage(int times)
    {
        var folder = Directory.CreateTempSubdirectory("vpo-damaged-").FullName;
        try
        {
            foreach (var file in NeedsFolder ? Directory.GetFiles(Path.GetDirectoryName(Source)!) : [])
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            var (target, good) = (Path.Combine(folder, Path.GetFileName(Source)), File.ReadAllBytes(Source));
            Open(Source);   // sound before it is damaged
            var outcomes = new ConcurrentDictionary<string, int>();
            Mutation.Of(good.Length, Header).Sample(mutation => outcomes.AddOrUpdate(Try(target, mutation.Apply(good)), 1, (_, n) => n + 1), iter: times, threads: 1);
            return string.Join(", ", outcomes.OrderByDescending(o => o.Value).Select(o => $"{o.Value:N0} {o.Key}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string Try(string path, byte[] bytes)
    {
        var outcome = Sound;
        File.WriteAllBytes(path, bytes);
        using var scope = NewDisposeScope();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Open(path);
        }
        catch (Exception e) when (Refusal.IsInstanceOfType(e))
        {
            outcome = e.GetType().Name;
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (8 << 20) + 100L * bytes.Length);
        return outcome;
    }
}

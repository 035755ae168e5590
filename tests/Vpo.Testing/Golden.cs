using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Vpo.Testing;

/// <summary>Where golden cases are and which there are.</summary>
public static class Golden
{
    /// <summary>The row of a family that has no case folder.</summary>
    public const string Absent = "(absent)";

    /// <summary>Whether VPO_GOLDEN names another root than the repository's own.</summary>
    public static bool IsForeign => Environment.GetEnvironmentVariable("VPO_GOLDEN") is { Length: > 0 };

    /// <summary>tests/golden, or the folder that VPO_GOLDEN names.</summary>
    public static string Root { get; } = Environment.GetEnvironmentVariable("VPO_GOLDEN") is { Length: > 0 } root
        ? Path.GetFullPath(root, Repository.Root)
        : Path.Combine(Repository.Root, "tests", "golden");

    /// <summary>The device that VPO_DEVICE names; the CPU without it.</summary>
    public static Device Device { get; } = Environment.GetEnvironmentVariable("VPO_DEVICE") is { Length: > 0 } name ? torch.device(name) : CPU;

    /// <summary>One row per case folder of a family.</summary>
    public static TheoryData<string> Cases(string family)
    {
        var folder = Path.Combine(Root, family);
        var names = Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Where(d => File.Exists(Path.Combine(d, "case.json"))).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)
            : Enumerable.Empty<string>();
        var rows = new TheoryData<string>();
        foreach (var name in names.DefaultIfEmpty(Absent))
            rows.Add(name);
        return rows;
    }
}

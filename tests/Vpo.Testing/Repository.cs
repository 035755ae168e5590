using Xunit;

namespace Vpo.Testing;

/// <summary>Places that tests read: the repository, and other people's files beside it.</summary>
public static class Repository
{
    /// <summary>The folder that holds VPO.sln.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A public data file (VPO_DATA, or ../shared/data); the test is skipped, by name, where it is absent.</summary>
    public static string Data(string relative) => OrSkip("VPO_DATA", "data", relative);

    /// <summary>A public model file (VPO_MODELS, or ../shared/models); the test is skipped, by name, where it is absent.</summary>
    public static string Model(string relative) => OrSkip("VPO_MODELS", "models", relative);

    private static string OrSkip(string variable, string folder, string relative)
    {
        var root = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named ? named : Path.Combine(Root, "..", "shared", folder);
        var path = Path.GetFullPath(Path.Combine(root, relative));
        if (!File.Exists(path) && !Directory.Exists(path))
            Assert.Skip($"absent: {folder}/{relative} (set {variable})");
        return path;
    }

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "VPO.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"VPO.sln is in no folder above '{start}'.");
    }
}

namespace Vpo.Core.Tests.Fakes;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vpo-core-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Relative name and content of each file.</summary>
    public IReadOnlyDictionary<string, string> Contents() => Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)
        .ToDictionary(f => System.IO.Path.GetRelativePath(Path, f), f => Convert.ToHexString(System.IO.File.ReadAllBytes(f)));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

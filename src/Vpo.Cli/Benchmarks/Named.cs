namespace Vpo.Cli.Benchmarks;

/// <summary>A file or folder with the name that it has in tables.</summary>
internal sealed record Named(string Name, string Path)
{
    /// <summary>Of NAME=PATH, or PATH alone, which is then named after its file, or after its path where two files have one name.</summary>
    public static IReadOnlyList<Named> All(IEnumerable<string> given)
    {
        List<Named> all = [.. given.Select(One)];
        return [.. all.Select(n => all.Count(m => m.Name == n.Name) == 1 ? n : n with { Name = n.Path })];
    }

    private static Named One(string text) => !System.IO.Path.Exists(text) && text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } path] && System.IO.Path.Exists(path) ? new(name, path)
        : System.IO.Path.Exists(text) ? new(System.IO.Path.GetFileNameWithoutExtension(System.IO.Path.TrimEndingDirectorySeparator(text)), text)
        : throw new FileNotFoundException($"'{text}' does not exist: give a path, or NAME=PATH.", text);
}

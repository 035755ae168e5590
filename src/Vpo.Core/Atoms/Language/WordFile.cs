namespace Vpo.Atoms.Language;

/// <summary>The word lists that are part of the library.</summary>
internal static class WordFile
{
    /// <summary>The lines of a list without comments and blank ones.</summary>
    internal static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(WordFile).Assembly.GetManifestResourceStream($"Vpo.Atoms.Words.{name}.txt")
            ?? throw new InvalidOperationException($"the word list '{name}' is not in the library: rebuild it");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
                yield return line;
        }
    }

    /// <summary>All words of a list that has no structure.</summary>
    internal static IEnumerable<string> Words(string name) => Lines(name).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>"name: a | b | c" as name and ways to say it; the name itself is the first way.</summary>
    internal static IEnumerable<(string Name, string[] Ways)> Entries(string name, char separator = '|')
    {
        foreach (var line in Lines(name))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var key = (colon < 0 ? line : line[..colon]).Trim();
            yield return (key, colon < 0 ? [] : line[(colon + 1)..].Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
    }
}

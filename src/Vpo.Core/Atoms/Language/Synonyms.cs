namespace Vpo.Atoms.Language;

/// <summary>Words that may stand for others.</summary>
internal static class Synonyms
{
    private static readonly Dictionary<string, HashSet<string>> Table = Read();

    /// <summary>What may stand for a word, the word itself left out.</summary>
    internal static IReadOnlyCollection<string> Of(string word) => Table.TryGetValue(word, out var others) ? others : [];

    private static Dictionary<string, HashSet<string>> Read()
    {
        var table = new Dictionary<string, HashSet<string>>();
        void Add(string word, IEnumerable<string> others)
        {
            if (!table.TryGetValue(word, out var set))
                table.Add(word, set = []);
            set.UnionWith(others.Where(o => o != word));
        }
        foreach (var line in WordFile.Lines("synonyms"))
        {
            if (line.Split('>', StringSplitOptions.TrimEntries) is [var general, var special])
                Add(general, special.Split(' '));
            else
            {
                var same = line.Split('=', StringSplitOptions.TrimEntries);
                Array.ForEach(same, word => Add(word, same));
            }
        }
        return table;
    }
}

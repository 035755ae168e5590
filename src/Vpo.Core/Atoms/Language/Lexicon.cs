using System.Collections.Frozen;

namespace Vpo.Atoms.Language;

/// <summary>Looks words up: in the lists, else by their endings. Unknown words are nouns.</summary>
internal static class Lexicon
{
    private static readonly Dictionary<string, string> Colors = ReadColors();
    private static readonly Dictionary<string, int> Numbers = WordFile.Lines("numbers").SelectMany(line => line.Split(' ')[1..].Select(word => (word, line)))
        .ToDictionary(n => n.word, n => int.Parse(n.line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
    private static readonly (Dictionary<string, string> Singular, HashSet<string> Same) Nouns = ReadNouns();
    private static readonly FrozenDictionary<string, Word>.AlternateLookup<ReadOnlySpan<char>> Known = Read().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The word, which must be in lower case.</summary>
    internal static Word Find(ReadOnlySpan<char> word) => Known.TryGetValue(word, out var known) ? known : WordEndings.Guess(word.ToString(), Singular);

    /// <summary>The main name of a colour that may be said in several ways.</summary>
    internal static string? Color(string word) => Colors.GetValueOrDefault(word);

    /// <summary>The value of digits or a number word.</summary>
    internal static int? Number(string word) =>
        Numbers.TryGetValue(word, out var value) ? value : int.TryParse(word, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var digits) ? digits : null;

    private static string Singular(string word) => Nouns.Singular.TryGetValue(word, out var singular) ? singular : Nouns.Same.Contains(word) ? word : Inflection.Singular(word);

    private static FrozenDictionary<string, Word> Read()
    {
        var found = new Dictionary<string, (WordClass Class, string? Verb)>();
        void Add(string word, WordClass kind, string? verb = null)
        {
            found.TryGetValue(word, out var old);
            found[word] = (old.Class | kind, old.Verb ?? verb);
        }
        foreach (var (form, kind, verb) in VerbForms())
            Add(form, kind, verb);
        foreach (var (name, words) in WordFile.Entries("function", ' '))
            Array.ForEach(words, word => Add(word, Enum.Parse<WordClass>(name, ignoreCase: true)));
        foreach (var word in WordFile.Words("adjectives").Concat(WordFile.Words("adjectives-ing")))
            Add(word, WordClass.Adjective);
        foreach (var word in WordFile.Words("nouns-ing"))
            Add(word, WordClass.NounForm);
        foreach (var word in WordFile.Words("abstract").SelectMany(w => new[] { w, Inflection.S(w) }))
            Add(word, WordClass.Filler);
        foreach (var word in Nouns.Singular.Keys.Concat(Nouns.Same))
            Add(word, WordClass.Unknown);
        foreach (var word in Numbers.Keys)
            Add(word, WordClass.Number);
        foreach (var word in Colors.Keys)
            Add(word, WordClass.Color);
        return found.ToDictionary(f => f.Key, f => new Word(f.Value.Class, Singular(f.Key), f.Value.Verb)).ToFrozenDictionary();
    }

    private static IEnumerable<(string Form, WordClass Class, string Verb)> VerbForms()
    {
        var meta = WordFile.Words("meta").ToHashSet();
        foreach (var entry in WordFile.Words("verbs").Concat(meta.Where(m => m is not ("be" or "have"))))
        {
            var forms = entry.Replace("=noun", "", StringComparison.Ordinal).Split(':');
            var verb = forms[0];
            var extra = (meta.Contains(verb) ? WordClass.Meta : 0) | (entry.EndsWith("=noun", StringComparison.Ordinal) ? WordClass.Nounish : 0);
            foreach (var (form, kind) in Inflection.Regular(verb))
            {
                if (kind != WordClass.VerbPast || forms.Length == 1)
                    yield return (form, kind | extra, verb);
            }
            foreach (var form in forms[1..])
                yield return (form, WordClass.VerbPast | extra, verb);
        }
    }

    private static (Dictionary<string, string>, HashSet<string>) ReadNouns()
    {
        var words = WordFile.Words("irregular-nouns").ToList();
        return (words.Where(w => w.Contains(':', StringComparison.Ordinal)).ToDictionary(w => w.Split(':')[0], w => w.Split(':')[1]),
            [.. words.Where(w => !w.Contains(':', StringComparison.Ordinal))]);
    }

    private static Dictionary<string, string> ReadColors()
    {
        var colors = new Dictionary<string, string>();
        foreach (var (name, ways) in WordFile.Entries("colors", ' '))
        {
            colors.TryAdd(name, name);
            foreach (var way in ways.Where(way => !way.Contains('-', StringComparison.Ordinal)))
                colors.TryAdd(way, name);
        }
        return colors;
    }
}

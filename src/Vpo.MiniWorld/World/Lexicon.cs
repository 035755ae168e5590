namespace Vpo.MiniWorld;

/// <summary>A value of an aspect with the words for it.</summary>
/// <param name="Word">The canonical word: the only one that captions use and that the video generator has seen.</param>
/// <param name="Synonyms">Other words that users take.</param>
public sealed record Term(string Word, params IReadOnlyList<string> Synonyms);

/// <summary>The words of the mini world.</summary>
public static class Lexicon
{
    /// <summary>The direction "still".</summary>
    public const int Still = 4;

    private static readonly Term[][] Terms =
    [
        [
            new("red", "crimson", "scarlet"), new("green", "emerald"), new("blue", "azure"), new("yellow", "golden"),
            new("purple", "violet"), new("orange", "amber"), new("pink", "rosy"), new("white", "snowy"),
        ],
        [new("circle", "ball", "orb", "disc"), new("square", "box", "block"), new("triangle", "pyramid", "wedge"), new("cross", "plus")],
        [new("small", "tiny", "little"), new("large", "big", "huge")],
        [
            new("left", "west", "leftwards"), new("right", "east", "rightwards"), new("up", "upwards", "north"), new("down", "downwards", "south"),
            new("still", "motionless", "frozen"),
        ],
        [new("slowly", "gently", "lazily"), new("quickly", "fast", "rapidly")],
        [new("night", "midnight", "dark"), new("meadow", "grass", "field"), new("desert", "dunes", "sand"), new("ocean", "sea", "waves")],
    ];

    private static readonly Dictionary<string, (Aspect Aspect, int Value)> ByWord = IndexWords(term => [term.Word]);
    private static readonly Dictionary<string, (Aspect Aspect, int Value)> ByAnyWord = IndexWords(term => [term.Word, .. term.Synonyms]);

    /// <summary>All aspects, in the order of the enumeration.</summary>
    public static IReadOnlyList<Aspect> Aspects { get; } = Enum.GetValues<Aspect>();

    /// <summary>Words that no prompt may keep.</summary>
    public static IReadOnlyList<string> UnsafeWords { get; } = ["bloody", "gory", "violent", "cruel", "naked", "deadly"];

    /// <summary>The values of an aspect.</summary>
    public static IReadOnlyList<Term> Values(Aspect aspect) => Terms[(int)aspect];

    /// <summary>The canonical word of a value.</summary>
    public static string Word(Aspect aspect, int value) => Terms[(int)aspect][value].Word;

    /// <summary>What a canonical word names; null when it is none.</summary>
    public static (Aspect Aspect, int Value)? Meaning(string word) => ByWord.TryGetValue(word, out var found) ? found : null;

    /// <summary>What a user's word names, synonyms included; null when it names nothing.</summary>
    public static (Aspect Aspect, int Value)? UserMeaning(string word) => ByAnyWord.TryGetValue(word, out var found) ? found : null;

    /// <summary>The words of a text: lower case, without punctuation.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.ToLowerInvariant().Split(Separators, StringSplitOptions.RemoveEmptyEntries);
    }

    private static readonly char[] Separators = [' ', '\t', '\n', '\r', '.', ',', ';', ':', '!', '?', '"', '\'', '(', ')'];

    private static Dictionary<string, (Aspect, int)> IndexWords(Func<Term, IEnumerable<string>> words)
    {
        var index = new Dictionary<string, (Aspect, int)>(StringComparer.Ordinal);
        for (var aspect = 0; aspect < Terms.Length; aspect++)
            for (var value = 0; value < Terms[aspect].Length; value++)
                foreach (var word in words(Terms[aspect][value]))
                    index.Add(word, ((Aspect)aspect, value));
        return index;
    }
}

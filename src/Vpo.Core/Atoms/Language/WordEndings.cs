namespace Vpo.Atoms.Language;

/// <summary>What an unknown word is, from how it ends.</summary>
internal static class WordEndings
{
    private const int FewestLetters = 5;

    private static readonly string[] Adjectives = ["ous", "ful", "less", "able", "ible", "esque", "ical", "like", "ward", "ic", "iest", "est"];
    private static readonly HashSet<string> Things =
    [
        "fabric", "mosaic", "plastic", "ceramic", "traffic", "clinic", "arctic", "picnic", "critic", "mechanic", "public", "garlic", "graphic", "cleric", "fanatic", "mystic", "republic", "atlantic", "pacific", "titanic",
        "forest", "harvest", "priest", "conquest", "request", "interest", "tempest", "everest", "contest", "protest", "arrest", "budapest", "vegetable", "constable", "steward", "characteristic",
    ];
    private static readonly HashSet<string> ThingsInIsh = ["polish", "radish", "rubbish", "parish", "garnish", "relish", "horseradish", "licorish", "kiddish", "varnish", "anguish", "skirmish", "burnish"];
    private static readonly string[] Qualities = ["ness", "ity", "ism", "hood"];
    private static readonly HashSet<string> SeenThings = ["celebrity", "deity", "community", "university", "facility", "entity", "neighborhood", "childhood", "organism", "robinhood", "mechanism", "electricity", "trinity", "infinity", "baroness", "governess"];
    private static readonly HashSet<string> NounsLikeAdverbs = ["family", "butterfly", "jelly", "belly", "lily", "ally", "italy", "assembly", "molly", "kelly", "emily", "polly", "sally", "dolly", "rally", "firefly", "anomaly", "monopoly", "bully", "trolley", "reply", "supply", "barfly"];

    /// <summary>The word; a noun when nothing speaks against it.</summary>
    internal static Word Guess(string word, Func<string, string> singular)
    {
        if (word.Length > 0 && char.IsAsciiDigit(word[0]))
            return new(Digits(word), word, null);
        if (word.Length > FewestLetters && word.EndsWith("ing", StringComparison.Ordinal))
            return new(WordClass.VerbIng, word, Inflection.WithoutIng(word));
        if (word.Length >= FewestLetters && word.EndsWith("ed", StringComparison.Ordinal))
            return new(WordClass.Adjective, word, Inflection.WithoutIng(word[..^2] + "ing"));
        if (word.Length >= FewestLetters && word.EndsWith("ly", StringComparison.Ordinal) && !NounsLikeAdverbs.Contains(word))
            return new(WordClass.Adverb, word, null);
        if (word.Length > FewestLetters && Qualities.Any(e => word.EndsWith(e, StringComparison.Ordinal)) && !SeenThings.Contains(word))
            return new(WordClass.Filler, word, null);
        if (word.Length > FewestLetters && word.EndsWith("ish", StringComparison.Ordinal) && !word.EndsWith("fish", StringComparison.Ordinal) && !ThingsInIsh.Contains(word))
            return new(WordClass.Adjective, word, null);
        return new(word.Length > FewestLetters && Adjectives.Any(e => word.EndsWith(e, StringComparison.Ordinal)) && !Things.Contains(word) ? WordClass.Adjective : WordClass.Unknown, singular(word), null);
    }

    /// <summary>Numbers; years and decades; the rest (4k, 1080p) says nothing about what is seen.</summary>
    private static WordClass Digits(string word)
    {
        var digits = word.TrimEnd('s');
        var isNumber = digits.All(char.IsAsciiDigit);
        if (isNumber && ((digits.Length == 4 && digits[0] is '1' or '2' && string.CompareOrdinal(digits, "1400") > 0 && string.CompareOrdinal(digits, "2030") < 0) || (digits != word && digits.Length == 2)))
            return WordClass.Era;
        return isNumber && digits == word ? WordClass.Number : WordClass.Filler;
    }
}

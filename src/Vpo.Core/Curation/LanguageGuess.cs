namespace Vpo.Curation;

/// <summary>Guesses the language of a short text: by its letters, and among Latin ones by function words. A guess, made to set apart what is plainly not English.</summary>
public static class LanguageGuess
{
    private const string English = "en";
    private const int FewestFunctionWords = 2;

    private static readonly (char From, char To, string Language)[] Scripts =
    [
        ('\u0370', '\u03ff', "el"), ('\u0400', '\u052f', "ru"), ('\u0590', '\u05ff', "he"), ('\u0600', '\u06ff', "ar"), ('\u0900', '\u097f', "hi"), ('\u0980', '\u09ff', "bn"),
        ('\u0b80', '\u0bff', "ta"), ('\u0e00', '\u0e7f', "th"), ('\u3040', '\u30ff', "ja"), ('\u4e00', '\u9fff', "zh"), ('\uac00', '\ud7af', "ko"),
    ];

    private static readonly Dictionary<string, string> FunctionWords = Table(
        (English, "the an of in on with and is are at to from by for his her their that this into while as over through under"),
        ("es", "el los las una con del por que en su sobre mientras está para y al una muy"),
        ("pt", "o os uma com da do na no em que sobre enquanto está para e ao um seu"),
        ("fr", "le les une des du dans et sur avec qui est au aux en un pour"),
        ("de", "der die das ein eine einer einem und mit im auf den von ist zu dem sich"),
        ("it", "il lo gli una di che con nel della nella sul e per del un"),
        ("nl", "het een van met op en zijn naar voor"),
        ("pl", "w na z i się jest do nad przez"),
        ("tr", "bir ve ile için bu olan"),
        ("id", "yang dan dengan seorang sebuah di dari"),
        ("vi", "một của và trong người trên với"));

    /// <summary>Two letters; "en" where nothing speaks against it.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ByScript(text) ?? ByFunctionWords(Queries.Bleu.Words(text));
    }

    /// <summary>Where most letters are of another script.</summary>
    private static string? ByScript(string text)
    {
        var letters = text.Count(char.IsLetter);
        var counts = text.Select(ScriptOf).OfType<string>().GroupBy(l => l).Select(g => (Language: g.Key, Count: g.Count())).ToList();
        if (counts.Sum(c => c.Count) * 2 <= letters)
            return null;
        return counts.Any(c => c.Language == "ja") ? "ja" : counts.OrderByDescending(c => c.Count).ThenBy(c => c.Language, StringComparer.Ordinal).First().Language;
    }

    private static string? ScriptOf(char c)
    {
        if (c < '\u0370' || !char.IsLetter(c))
            return null;
        foreach (var (from, to, language) in Scripts)
        {
            if (c >= from && c <= to)
                return language;
        }
        return null;
    }

    private static string ByFunctionWords(string[] words)
    {
        var counts = new Dictionary<string, int>();
        foreach (var word in words)
        {
            if (!FunctionWords.TryGetValue(word.Trim('.', ',', '!', '?'), out var languages))
                continue;
            foreach (var language in languages.Split(' '))
                counts[language] = counts.GetValueOrDefault(language) + 1;
        }
        var best = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).FirstOrDefault();
        return best.Value >= FewestFunctionWords && best.Value > 2 * counts.GetValueOrDefault(English) ? best.Key : English;
    }

    /// <summary>Each word with the languages that use it.</summary>
    private static Dictionary<string, string> Table(params (string Language, string Words)[] languages) => languages
        .SelectMany(l => l.Words.Split(' ').Distinct().Select(word => (word, l.Language)))
        .GroupBy(p => p.word).ToDictionary(g => g.Key, g => string.Join(' ', g.Select(p => p.Language)));
}

namespace Vpo.Atoms.Language;

/// <summary>English endings.</summary>
internal static class Inflection
{
    private const string Vowels = "aeiou";

    /// <summary>Forms of a regular verb in -s, -ing and -ed; with and without doubled consonant, since users type both.</summary>
    internal static IEnumerable<(string Form, WordClass Class)> Regular(string verb)
    {
        yield return (verb, WordClass.VerbBase);
        yield return (S(verb), WordClass.VerbS);
        foreach (var stem in Stems(verb))
        {
            yield return (stem + "ing", WordClass.VerbIng);
            yield return ((stem.EndsWith('y') && IsConsonant(stem, stem.Length - 2) ? stem[..^1] + "i" : stem) + "ed", WordClass.VerbPast);
        }
        if (verb.EndsWith("ie", StringComparison.Ordinal))
            yield return (verb[..^2] + "ying", WordClass.VerbIng);
    }

    /// <summary>The ending -s.</summary>
    internal static string S(string word) => word switch
    {
        [.., 'y'] when IsConsonant(word, word.Length - 2) => word[..^1] + "ies",
        [.., 's' or 'x' or 'z' or 'o'] or [.., 's' or 'c', 'h'] => word + "es",
        _ => word + "s",
    };

    /// <summary>The singular by rule; words that are none of its plurals come back as they are.</summary>
    internal static string Singular(string word)
    {
        if (word.Length < 4 || word[^1] != 's' || word.EndsWith("ss", StringComparison.Ordinal) || word.EndsWith("us", StringComparison.Ordinal) || word.EndsWith("is", StringComparison.Ordinal))
            return word;
        if (word.EndsWith("ies", StringComparison.Ordinal))
            return word[..^3] + "y";
        return word.EndsWith("es", StringComparison.Ordinal) && word.Length > 4 && (word[^3] is 'x' or 'z' or 's' or 'o' || word[^4..^2] is "ch" or "sh")
            ? word[..^(word[^3] is 's' or 'z' && word[^4] is not ('s' or 'z' or 'u') ? 1 : 2)]
            : word[..^1];
    }

    /// <summary>A guess at the base form of an unknown word in -ing.</summary>
    internal static string WithoutIng(string word)
    {
        var stem = word[..^3];
        if (stem.Length > 2 && stem[^1] == stem[^2] && !IsVowel(stem, stem.Length - 1) && stem[^1] is not ('l' or 's'))
            return stem[..^1];
        if (stem.Length > 2 && stem[^1] == 'v')
            return stem + "e";
        if (stem.Length > 3 && stem[^1] == 's' && IsVowel(stem, stem.Length - 2) && IsVowel(stem, stem.Length - 3))
            return stem + "e";
        return stem.Length > 2 && !IsVowel(stem, stem.Length - 1) && IsVowel(stem, stem.Length - 2) && IsConsonant(stem, stem.Length - 3) && stem[^1] is 'v' or 'z' or 'c' or 'k' or 't' ? stem + "e" : stem;
    }

    private static IEnumerable<string> Stems(string verb)
    {
        if (verb.EndsWith('e') && !verb.EndsWith("ee", StringComparison.Ordinal) && !verb.EndsWith("oe", StringComparison.Ordinal) && !verb.EndsWith("ye", StringComparison.Ordinal))
        {
            yield return verb[..^1];
            yield break;
        }
        yield return verb;
        if (verb.Length > 2 && IsConsonant(verb, verb.Length - 1) && verb[^1] is not ('w' or 'x' or 'y' or 'h') && IsVowel(verb, verb.Length - 2) && (IsConsonant(verb, verb.Length - 3) || verb.StartsWith("qu", StringComparison.Ordinal) || verb.StartsWith("squ", StringComparison.Ordinal)))
            yield return verb + verb[^1];
    }

    private static bool IsVowel(string word, int at) => at >= 0 && Vowels.Contains(word[at], StringComparison.Ordinal);

    private static bool IsConsonant(string word, int at) => at >= 0 && !IsVowel(word, at);
}

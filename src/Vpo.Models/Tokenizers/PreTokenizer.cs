using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Vpo.Models.Tokenizers;

/// <summary>Cuts text into the pieces that are tokenised on their own. Each step cuts out its matches and keeps what lies between.</summary>
internal sealed class PreTokenizer
{
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    public const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    public const string Digit = @"\p{N}";
    public const string Digits = @"\p{N}+";

    // A character of the basic plane for every class that the patterns ask about: .NET matches UTF-16 units, the reference code points.
    private const char Letter = '\u4E00', Mark = '\u0300', Number = '\u0BE7', Other = '\u2603', LongS = '\u017F';

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Made once: compiling takes longer than reading most tokenizers.
    private static readonly Dictionary<string, Lazy<Regex>> Known = new[] { Gpt2, Llama3, Digit, Digits }.ToDictionary(pattern => pattern, pattern => new Lazy<Regex>(() => Compile(pattern)));

    private readonly Regex[] _steps;
    private readonly bool _foldsCase;

    /// <exception cref="ArgumentException">A pattern is not a valid regular expression.</exception>
    public PreTokenizer(params IEnumerable<string> patterns)
    {
        _steps = [.. patterns.Select(pattern => Known.TryGetValue(pattern, out var known) ? known.Value : Compile(pattern))];
        _foldsCase = _steps.Any(step => step.ToString().Contains("(?i", StringComparison.Ordinal));
    }

    /// <summary>The regular expressions, in the order in which they cut.</summary>
    public IEnumerable<string> Patterns => _steps.Select(step => step.ToString());

    /// <summary>The pieces, in order; together they are the text.</summary>
    public IEnumerable<string> Split(string text)
    {
        var (shadow, starts) = Shadow(text);
        List<(int Start, int End)> pieces = [(0, shadow.Length)];
        foreach (var step in _steps)
            pieces = [.. pieces.SelectMany(piece => Cut(step, shadow, piece.Start, piece.End))];
        foreach (var (start, end) in pieces)
        {
            if (end > start)
                yield return starts is null ? text[start..end] : text[starts[start]..starts[end]];
        }
    }

    private static Regex Compile(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, Patience);

    private static IEnumerable<(int Start, int End)> Cut(Regex step, string text, int start, int end)
    {
        var part = text.Substring(start, end - start);   // a copy: patterns look ahead, and must not look beyond the piece
        var last = 0;
        foreach (var match in step.EnumerateMatches(part).ToList())
        {
            if (match.Start > last)
                yield return (start + last, start + match.Start);
            yield return (start + match.Start, start + match.End);
            last = match.End;
        }
        if (last < part.Length)
            yield return (start + last, end);
    }

    /// <summary>The text with one UTF-16 unit per code point, and where each code point starts (null: everywhere the same).</summary>
    private (string Text, int[]? Starts) Shadow(string text)
    {
        var shadow = _foldsCase ? text.Replace(LongS, 's') : text;   // the reference folds U+017F to s
        if (!text.Any(char.IsSurrogate))
            return (shadow, null);
        var (characters, starts) = (new StringBuilder(text.Length), new List<int>(text.Length));
        for (var i = 0; i < text.Length;)
        {
            starts.Add(i);
            var known = Rune.TryGetRuneAt(text, i, out var rune);
            characters.Append(known && rune.IsBmp ? shadow[i] : known ? Represent(Rune.GetUnicodeCategory(rune)) : Other);
            i += known ? rune.Utf16SequenceLength : 1;
        }
        starts.Add(text.Length);
        return (characters.ToString(), [.. starts]);
    }

    private static char Represent(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => Letter,
        <= UnicodeCategory.EnclosingMark => Mark,
        <= UnicodeCategory.OtherNumber => Number,
        _ => Other,
    };
}

internal static class RegexMatches
{
    public static List<(int Start, int End)> ToList(this Regex.ValueMatchEnumerator matches)
    {
        var list = new List<(int, int)>();
        foreach (var match in matches)
        {
            if (match.Length > 0)
                list.Add((match.Index, match.Index + match.Length));
        }
        return list;
    }
}

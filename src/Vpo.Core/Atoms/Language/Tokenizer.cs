namespace Vpo.Atoms.Language;

/// <summary>Cuts a text into words: letters and digits, hyphens parted, <c>'s</c> on its own, <c>&amp;</c> as "and".</summary>
internal static class Tokenizer
{
    private const double MostNames = 0.5;

    internal static List<Token> Read(string text)
    {
        var tokens = new List<Token>(text.Length / 5);
        var (sentence, broken, joined, first) = (0, true, false, true);
        Span<char> lower = stackalloc char[64];
        for (var at = 0; at < text.Length;)
        {
            var length = WordLength(text, at);
            if (length == 0)
            {
                var sign = text[at];
                if (IsSentenceEnd(text, at))
                    (sentence, first) = (first ? sentence : sentence + 1, true);
                broken |= IsBreak(sign) || (sign == '-' && !IsJoint(text, at));
                joined = sign == '-' && IsJoint(text, at);
                at++;
                continue;
            }
            var word = text.AsSpan(at, Math.Min(length, lower.Length));
            var written = lower[..word.ToLowerInvariant(lower)];
            written.Replace('\u2019', '\'');
            if (written.EndsWith(".") && written.Length > 2)
                written = written[..^1];
            var found = written is "&" ? Lexicon.Find("and") : Lexicon.Find(written);
            tokens.Add(new(at, at + length, written is "&" ? "and" : written.ToString(), found) { Sentence = sentence, AfterBreak = broken, Joined = joined, IsName = !first && char.IsUpper(text[at]) });
            (at, broken, joined, first) = (at + length, false, false, false);
        }
        return NamesThatCount(tokens);
    }

    /// <summary>In a text that is all capitals, or a title, capitals say nothing.</summary>
    private static List<Token> NamesThatCount(List<Token> tokens) =>
        tokens.Count(t => t.IsName) > tokens.Count * MostNames ? [.. tokens.Select(t => t with { IsName = false })] : tokens;

    private static int WordLength(string text, int at)
    {
        if (text[at] == '&' || (IsApostrophe(text[at]) && IsEnding(text, at)))
            return text[at] == '&' ? 1 : EndOf(text, at + 1) - at;
        return EndOf(text, at) - at;
    }

    private static int EndOf(string text, int at)
    {
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || char.GetUnicodeCategory(text[at]) == System.Globalization.UnicodeCategory.NonSpacingMark || IsInner(text, at)))
            at++;
        return at;
    }

    /// <summary>The apostrophe of don't and o'clock, but not of 's.</summary>
    private static bool IsInner(string text, int at) =>
        IsApostrophe(text[at]) && at > 0 && at + 1 < text.Length && char.IsLetter(text[at - 1]) && char.IsLetter(text[at + 1]) && !IsEnding(text, at);

    private static bool IsEnding(string text, int at)
    {
        if (at == 0 || at + 1 >= text.Length || !char.IsLetterOrDigit(text[at - 1]))
            return false;
        var end = at + 1;
        while (end < text.Length && char.IsLetter(text[end]))
            end++;
        return text.AsSpan(at + 1, end - at - 1) is "s" or "S" or "ll" or "re" or "ve" or "m" or "d";
    }

    private static bool IsApostrophe(char c) => c is '\'' or '\u2019';

    private static bool IsJoint(string text, int at) => at > 0 && at + 1 < text.Length && char.IsLetterOrDigit(text[at - 1]) && char.IsLetterOrDigit(text[at + 1]);

    private static bool IsBreak(char c) => c is ',' or ';' or ':' or '(' or ')' or '[' or ']' or '{' or '}' or '|' or '/' or '\n' or '.' or '!' or '?' or '\u2014' or '\u2013' or '"' or '\u201C' or '\u201D' or '+' or '*' or '\uFF0C' or '\u3001' or '\u3002';

    /// <summary>A full stop inside a number or name (f1.4, H.R.) ends nothing.</summary>
    private static bool IsSentenceEnd(string text, int at) => text[at] is '!' or '?' or '\n' or '\u3002' || (text[at] == '.' && (at + 1 >= text.Length || !char.IsLetterOrDigit(text[at + 1])));
}

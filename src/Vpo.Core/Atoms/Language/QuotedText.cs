using System.Text.RegularExpressions;

namespace Vpo.Atoms.Language;

/// <summary>Words that are to be seen as they stand: in quotation marks, or announced by "the word", "a logo with", "named".</summary>
internal static partial class QuotedText
{
    private const int MostWords = 12;
    private const double WholeQuery = 0.6;

    /// <summary>The text with blanks where quoted words were, and the atoms of those. Marks around nearly the whole text are the user's own and mean nothing.</summary>
    internal static (string Text, IReadOnlyList<Atom> Atoms) Take(string text)
    {
        var rest = text.ToCharArray();
        var atoms = new List<Atom>();
        foreach (var part in Quoted().EnumerateMatches(text).ToList().Concat(Announced().EnumerateMatches(text).ToList()))
        {
            var inner = text.Substring(part.Index, part.Length).Trim('"', '\u201C', '\u201D', '\u2018', '\u2019', '\'', '\u00AB', '\u00BB', ' ', '.', ',');
            if (part.Length > text.Length * WholeQuery || inner.Count(c => c == ' ') >= MostWords || !inner.Any(char.IsLetterOrDigit))
                continue;
            rest.AsSpan(part.Index, part.Length).Fill(' ');
            atoms.Add(new(AtomKind.Text, inner) { Phrase = inner });
        }
        return (new string(rest), atoms);
    }

    private static List<(int Index, int Length)> ToList(this Regex.ValueMatchEnumerator matches)
    {
        var list = new List<(int, int)>();
        foreach (var match in matches)
            list.Add((match.Index, match.Length));
        return list;
    }

    [GeneratedRegex("""["\u201C\u201D][^"\u201C\u201D]+["\u201C\u201D]|\u00AB[^\u00BB]+\u00BB|(?<![\p{L}\d])['\u2018][^'\u2018\u2019]{1,60}['\u2019](?![\p{L}\d])""")]
    private static partial Regex Quoted();

    /// <summary>Capitals after a word that announces writing; a word in quotation marks is found by the other pattern.</summary>
    [GeneratedRegex(@"(?<=\b(?:[Ww]ords?|[Tt]ext|[Ll]etters?|[Ll]ogo|[Tt]itled?|[Cc]aption|[Ii]nscription|[Mm]essage|[Nn]amed?|[Ss]logan)\s(?:(?:with|that|which|is|of|says|saying|reads|reading|called)\s){0,2}(?:the\s)?)[A-Z][A-Z\d/&.]{1,}(?:\s[A-Z\d/&.]{2,})*\b|(?<=\b[Ii]nscription\s)[A-Z]\w+")]
    private static partial Regex Announced();
}

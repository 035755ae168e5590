using System.Text.RegularExpressions;

namespace Vpo.Models.Optimization;

/// <summary>From what a language model wrote to what a video model should read.</summary>
internal static partial class AnswerCleaning
{
    private const int TooShortToBeCut = 20;

    /// <summary>Takes off labels, quotation marks and code fences around the prompt, and makes white space single.</summary>
    public static string Clean(string answer)
    {
        var text = Label().Replace(Fence().Replace(answer, " ").Trim(), "");
        text = Spaces().Replace(text, " ").Trim();
        foreach (var (open, close) in new[] { ('"', '"'), ('\u201C', '\u201D'), ('\'', '\'') })
        {
            if (text.Length > 2 && text[0] == open && text[^1] == close && text.IndexOf(close, 1) == text.Length - 1)
                text = text[1..^1].Trim();
        }
        return text;
    }

    /// <summary>Whether a model says that it will not answer.</summary>
    public static bool IsRefusal(string text) => Refusal().IsMatch(text);

    /// <summary>The whole sentences at the beginning of a text that was cut off; empty when there is none.</summary>
    public static string WholeSentences(string text)
    {
        var end = text.AsSpan().LastIndexOfAny('.', '!', '?');
        return end < TooShortToBeCut ? "" : text[..(end + 1)];
    }

    /// <summary>The longest beginning that fits a token budget: whole sentences if one fits, else whole words.</summary>
    public static string Fit(string text, int budget, Func<string, int> count)
    {
        if (count(text) <= budget)
            return text;
        var words = text.Split(' ');
        var (fits, tooMany) = (0, words.Length);
        while (tooMany - fits > 1)
        {
            var middle = (fits + tooMany) / 2;
            (fits, tooMany) = count(string.Join(' ', words[..middle])) <= budget ? (middle, tooMany) : (fits, middle);
        }
        var cut = string.Join(' ', words[..fits]);
        return WholeSentences(cut) is { Length: > 0 } sentences ? sentences : cut;
    }

    [GeneratedRegex(@"```\w*")]
    private static partial Regex Fence();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^(\*\*|#+\s*)?((sure|certainly|of course)[,!.]?\s*)?(here('s| is)[^:\n]{0,80}|(the )?(optimi[sz]ed|revised|refined|final|video)?\s*(video )?prompt)\s*:(\*\*)?\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"^\s*(I'm sorry|I’m sorry|I am sorry|Sorry,|I apologi[sz]e|I can(no|'|’)t\b|I am (not able|unable)|I'm (not able|unable)|As an AI\b|I won(')t\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Refusal();
}

using System.Text.RegularExpressions;

namespace Vpo;

/// <summary>From what a language model wrote to what a video model should read.</summary>
public static partial class AnswerCleaning
{
    private const int TooShortToBeCut = 20;

    private static readonly Dictionary<char, char> Quotes = new() { ['"'] = '"', ['\u201C'] = '\u201D', ['\''] = '\'', ['\u00AB'] = '\u00BB' };

    /// <summary>Takes off labels, quotation marks and code fences around the prompt, and makes white space single.</summary>
    public static string Clean(string? answer)
    {
        var text = (answer ?? "").Trim();
        for (var before = ""; before != text;)
        {
            before = text;
            text = Label().Replace(CodeFence().Replace(text, "$1").Trim(), "").Trim();
            if (text.Length > 1 && Quotes.TryGetValue(text[0], out var end) && text.IndexOf(end, 1) == text.Length - 1)
                text = text[1..^1].Trim();
        }
        return WhiteSpace().Replace(text, " ");
    }

    /// <summary>Whether a model says, in English and at the beginning, that it will not answer.</summary>
    public static bool IsRefusal(string text) => Refusal().IsMatch(text);

    /// <summary>The whole sentences at the beginning of a text that was cut off; empty when there is none.</summary>
    public static string WholeSentences(string text)
    {
        var end = text.AsSpan().LastIndexOfAny('.', '!', '?');
        return end < TooShortToBeCut ? "" : text[..(end + 1)];
    }

    /// <summary>The longest beginning that fits a token budget: whole sentences if one fits, else whole words.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="budget">Most tokens.</param>
    /// <param name="count">Counts the tokens of a text.</param>
    public static string Fit(string text, int budget, Func<string, int> count)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(count);
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

    /// <summary>The prompt of a reply, or why there is none.</summary>
    internal static (string? Prompt, string? Problem) Read(string? reply)
    {
        var text = Clean(reply);
        if (text.Length == 0)
            return (null, "the model's reply was empty");
        return IsRefusal(text) ? (null, "the model declined") : (text, null);
    }

    [GeneratedRegex(@"\A```\w*\n?(.*?)\n?```\z", RegexOptions.Singleline)]
    private static partial Regex CodeFence();

    [GeneratedRegex(@"\A(?:\*\*|#+\s*)?(?:(?:sure|certainly|of course|okay)[,!.]?\s*)?(?:here(?:'s|\u2019s| is| are)[^\n:]{0,80}:\s*|(?:the )?\**(?:(?:final|optimi[sz]ed|improved|revised|refined|video)\s+)*prompt\**\s*:\**\s*)(?:\*\*)?\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"\A\s*(?:I(?:['\u2019]?m| am) (?:very |really |so )?sorry|Sorry,|I apologi[sz]e|I (?:can(?:no|['\u2019])?t|cannot|won['\u2019]t|must decline)\b|I(?:['\u2019]m| am) (?:unable|not able)|As an AI\b|Unfortunately,? I )", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Refusal();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}

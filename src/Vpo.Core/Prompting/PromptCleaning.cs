using System.Text.RegularExpressions;

namespace Vpo.Prompting;

/// <summary>From a language model's reply to a prompt: what models write around it is taken off, and what is not a prompt is recognised.</summary>
public static partial class PromptCleaning
{
    private const int ShortestRefusal = 12;

    /// <summary>Takes off labels such as "Prompt:", enclosing quotation marks and code fences, and joins lines into one paragraph.</summary>
    public static string Clean(string reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var text = WhiteSpace().Replace(Fence().Replace(reply, " "), " ").Trim();
        text = Label().Replace(text, "");
        while (text.Length > 1 && IsQuoted(text))
            text = text[1..^1].Trim();
        return text;
    }

    /// <summary>Why a cleaned reply can't be used as a prompt; null when it can.</summary>
    public static string? Unusable(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        if (prompt.Length == 0)
            return "the model wrote nothing";
        if (prompt.Length >= ShortestRefusal && Refusal().IsMatch(prompt))
            return "the model declined to write a prompt";
        return null;
    }

    private static bool IsQuoted(string text) => (text[0], text[^1]) is ('"', '"') or ('\u201c', '\u201d') or ('`', '`') && !text[1..^1].Contains(text[0], StringComparison.Ordinal);

    [GeneratedRegex(@"```[a-z]*", RegexOptions.CultureInvariant)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"^\**(?:(?:final|refined|optimi[sz]ed|video|detailed)\s+)*prompt\**\s*:\**\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(@"^(?:i['\u2019]?m sorry|i am sorry|sorry,|i can(?:no|['\u2019])t|i (?:am|['\u2019]m) unable|as an ai\b|i won['\u2019]t)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Refusal();
}

using System.Text.RegularExpressions;

namespace Vpo;

/// <summary>Takes the prompt out of what a chat model wrote around it.</summary>
internal static partial class ReplyCleanup
{
    /// <summary>The prompt on one line, or why there is none.</summary>
    internal static (string? Prompt, string? Problem) Read(string? reply)
    {
        var text = Unwrap((reply ?? "").Trim());
        if (text.Length == 0)
            return (null, "the model's reply was empty");
        if (Declines().IsMatch(text))
            return (null, "the model declined");
        return (WhiteSpace().Replace(text, " "), null);
    }

    private static string Unwrap(string text)
    {
        for (var before = ""; before != text;)
        {
            before = text;
            text = Lead().Replace(CodeFence().Replace(text, "$1").Trim(), "").Trim();
            if (text.Length > 1 && Quotes.TryGetValue(text[0], out var end) && text.IndexOf(end, 1) == text.Length - 1)
                text = text[1..^1].Trim();
        }
        return text;
    }

    private static readonly Dictionary<char, char> Quotes = new() { ['"'] = '"', ['“'] = '”', ['\''] = '\'', ['«'] = '»' };

    [GeneratedRegex(@"\A```\w*\n(.*?)\n?```\z", RegexOptions.Singleline)]
    private static partial Regex CodeFence();

    [GeneratedRegex(@"\A(?:(?:sure|certainly|of course|okay)[,!.]\s*)?(?:here(?:'s| is| are)[^\n:]{0,60}:\s*|\**(?:(?:final|optimi[sz]ed|improved|refined|video)\s+)*prompt\**\s*:\**\s*)", RegexOptions.IgnoreCase)]
    private static partial Regex Lead();

    [GeneratedRegex(@"\A(?:I['’]?m (?:very |really )?sorry|Sorry,|I (?:can(?:no|['’])?t|cannot|won['’]t|am unable|am not able|must decline)|I['’]m (?:unable|not able)|As an AI|Unfortunately,? I )", RegexOptions.IgnoreCase)]
    private static partial Regex Declines();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}

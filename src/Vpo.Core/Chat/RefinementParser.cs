namespace Vpo;

/// <summary>Reads the refined prompt out of a reply.</summary>
public static class RefinementParser
{
    private const string Open = "<refined>";
    private const string Close = "</refined>";
    private const string ReleasedOpen = "[[start]]";
    private const string ReleasedClose = "[[end]]";

    /// <summary>Strict: the reply must end in a prompt between &lt;refined&gt; tags; the last pair counts. White space becomes single blanks.</summary>
    /// <returns>The prompt, or null when there is none.</returns>
    public static string? Read(string reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var text = reply.TrimEnd().TrimEnd('`').TrimEnd();
        var start = text.LastIndexOf(Open, StringComparison.OrdinalIgnoreCase);
        if (start < 0 || !text.EndsWith(Close, StringComparison.OrdinalIgnoreCase) || text.Length - Close.Length < start + Open.Length)
            return null;
        return AnswerCleaning.Read(text[(start + Open.Length)..^Close.Length]).Prompt;
    }

    /// <summary>As the released program does: both "[[start]]" and "[[end]]" must occur; what follows the first start, up to the first end after it, trimmed.</summary>
    /// <returns>The prompt, perhaps empty or with line ends, or null when a marker is missing.</returns>
    public static string? ReadReleased(string reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (!reply.Contains(ReleasedOpen, StringComparison.Ordinal) || !reply.Contains(ReleasedClose, StringComparison.Ordinal))
            return null;
        return reply.Split(ReleasedOpen)[1].Split(ReleasedClose)[0].Trim();
    }
}

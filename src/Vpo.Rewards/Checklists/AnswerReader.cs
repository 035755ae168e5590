namespace Vpo.Rewards.Checklists;

/// <summary>Reads yes or no from a model's words; what is neither stays unknown.</summary>
public static class AnswerReader
{
    /// <summary>Exactly "yes" or "no" in lower case, without anything around: VisionReward's script (which treats all else as no).</summary>
    public static Answer Exact(string reply) => reply switch { "yes" => Answer.Yes, "no" => Answer.No, _ => Answer.Unknown };

    /// <summary>The first word, in any case, with quotes, marks or spaces around: "Yes.", " **No**, because". A word that only begins so ("nothing") is unknown.</summary>
    public static Answer Lenient(string reply)
    {
        var start = 0;
        while (start < reply.Length && !char.IsLetterOrDigit(reply[start]))
            start++;
        var end = start;
        while (end < reply.Length && char.IsLetterOrDigit(reply[end]))
            end++;
        var word = reply.AsSpan(start, end - start);
        return word.Equals("yes", StringComparison.OrdinalIgnoreCase) ? Answer.Yes
            : word.Equals("no", StringComparison.OrdinalIgnoreCase) ? Answer.No : Answer.Unknown;
    }
}

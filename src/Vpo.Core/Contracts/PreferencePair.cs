namespace Vpo;

/// <summary>What a pair was learnt from.</summary>
public enum FeedbackSource
{
    /// <summary>A judge found the rejected prompt flawed and refined it into the chosen one (paper section 3.2, text-level).</summary>
    Text,

    /// <summary>The chosen prompt's video scored higher (paper section 3.2, video-level).</summary>
    Video,
}

/// <summary>Of two prompts for one query, the better and the worse.</summary>
public sealed record PreferencePair
{
    /// <summary>The user's words.</summary>
    public required string Query { get; init; }

    /// <summary>The better prompt.</summary>
    public required string Chosen { get; init; }

    /// <summary>The worse prompt.</summary>
    public required string Rejected { get; init; }

    /// <summary>Which feedback made it.</summary>
    public required FeedbackSource Source { get; init; }

    /// <summary>How much better, on the scale of the reward; 0 for text-level pairs.</summary>
    public double Margin { get; init; }

    /// <summary>Why the pair was made, in a few words.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Hash of query, chosen and rejected.</summary>
    public string Id => ContentId.Of("pair", Query, Chosen, Rejected);
}

/// <summary>A query and the prompt that an optimizer should learn to write for it.</summary>
/// <param name="Query">The user's words.</param>
/// <param name="Prompt">The target.</param>
public sealed record Demonstration(string Query, string Prompt)
{
    /// <summary>Hash of both.</summary>
    public string Id => ContentId.Of("demonstration", Query, Prompt);
}

namespace Vpo;

/// <summary>A user's wish for a video, as it was typed.</summary>
/// <param name="Text">The words; trimmed, not empty.</param>
public sealed record Query(string Text)
{
    /// <summary>Hash of the text.</summary>
    public string Id => ContentId.Of("query", Text);

    /// <summary>Whether the source marked it as asking for something harmful; null when nobody said.</summary>
    public bool? Unsafe { get; init; }
}

namespace Vpo.Comparisons;

/// <summary>One side of a comparison.</summary>
/// <param name="Method">What made it; people who compare never see this.</param>
/// <param name="Name">Names the clip wherever its folder lies: part of the pair's id.</param>
/// <param name="Path">The file: an animated or still PNG, GIF, WebP, MP4, WebM or MOV.</param>
public sealed record ComparedClip(string Method, string Name, string Path);

/// <summary>Two clips of one query, to be shown side by side.</summary>
/// <param name="Query">The user's words, shown above both.</param>
/// <param name="First">The side whose wins are counted.</param>
/// <param name="Second">The other.</param>
public sealed record ComparisonPair(string Query, ComparedClip First, ComparedClip Second)
{
    /// <summary>Hash of query, methods and clip names; the same when the folders are moved.</summary>
    public string Id => ContentId.Of("comparison", Query, First.Method, First.Name, Second.Method, Second.Name);
}

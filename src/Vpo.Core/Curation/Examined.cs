using Vpo.Curation.Similarity;

namespace Vpo.Curation;

/// <summary>A query with what the later steps compare it by.</summary>
internal sealed record Examined(SourceQuery Source, string Text, string Id, UInt128 Key, ulong[] Words)
{
    /// <summary>By id, the hash of the text; equal texts by the data set's id: an order in which the input's has no say.</summary>
    public static readonly Comparison<Examined> Order = (a, b) => string.CompareOrdinal(a.Id, b.Id) is not 0 and var byId ? byId : string.CompareOrdinal(a.Source.SourceId, b.Source.SourceId);

    public bool IsHarmful(double threshold) => Source.Labels is { } labels && labels.Highest >= threshold;

    public static Examined Of(SourceQuery source, string text) => new(source with { Text = text }, text, new Query(text).Id, VariantKey.Of(text), WordHashes.Of(text));
}

using Vpo.Curation.Similarity;

namespace Vpo.Curation;

/// <summary>A query with what the later steps compare it by.</summary>
/// <param name="Source">The row.</param>
/// <param name="Text">The text, entities decoded, trimmed.</param>
/// <param name="Id">Hash of the text.</param>
/// <param name="Key">The same for variants.</param>
/// <param name="Words">Hashes of the words.</param>
/// <param name="Wish">Hashes of the words without options; null where there are no options.</param>
internal sealed record Examined(SourceQuery Source, string Text, string Id, UInt128 Key, ulong[] Words, ulong[]? Wish)
{
    /// <summary>By id, the hash of the text; equal texts by the data set's id: an order in which the input's has no say.</summary>
    public static readonly Comparison<Examined> Order = (a, b) => string.CompareOrdinal(a.Id, b.Id) is not 0 and var byId ? byId : string.CompareOrdinal(a.Source.SourceId, b.Source.SourceId);

    public bool IsHarmful(double threshold) => Source.Labels is { } labels && labels.Highest >= threshold;

    public static Examined Of(QueryFacts facts) => new(
        facts.Source with { Text = facts.Text }, facts.Text, new Query(facts.Text).Id, VariantKey.Of(facts.Text), WordHashes.Of(facts.Text),
        facts.Parsed.Options.Count == 0 ? null : WordHashes.Of(facts.Parsed.Text));
}

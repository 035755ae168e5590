using Vpo.Queries;
using Vpo.Storage;

namespace Vpo.Curation;

/// <summary>A query that passed, ready for drafting or sampling.</summary>
/// <param name="Id">Hash of the query.</param>
/// <param name="Query">The words, entities decoded, trimmed, options still in.</param>
public sealed record CuratedQuery(string Id, string Query) : IRecord
{
    /// <summary>The words without options; null where that is the query itself.</summary>
    public string? Wish { get; init; }

    /// <summary>The options; null where there are none.</summary>
    public IReadOnlyList<QueryOption>? Options { get; init; }

    /// <summary>What must not be seen; null where nothing was said.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>True when the query asks for something harmful: by its labels and, where there is one, by the judge.</summary>
    public bool? Unsafe { get; init; }

    /// <summary>The data set's own id.</summary>
    public string? SourceId { get; init; }

    internal static CuratedQuery Of(Examined query, bool? harmful)
    {
        var parsed = OptionTags.Parse(query.Text);
        return new(query.Id, query.Text)
        {
            Wish = parsed.Text == query.Text ? null : parsed.Text,
            Options = parsed.Options.Count == 0 ? null : parsed.Options,
            NegativePrompt = parsed.NegativePrompt,
            Unsafe = harmful,
            SourceId = query.Source.SourceId,
        };
    }
}

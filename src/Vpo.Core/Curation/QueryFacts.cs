using Vpo.Queries;

namespace Vpo.Curation;

/// <summary>What rules may ask about a query; worked out when first asked.</summary>
/// <param name="source">The query as the data set holds it.</param>
public sealed class QueryFacts(SourceQuery source)
{
    private ParsedQuery? _parsed;
    private string[]? _words;
    private string? _language;

    /// <summary>As the data set holds it.</summary>
    public SourceQuery Source { get; } = source ?? throw new ArgumentNullException(nameof(source));

    /// <summary>The text with entities decoded, trimmed.</summary>
    public string Text { get; } = HtmlText.Decode(source.Text).Trim();

    /// <summary>The wish and its options.</summary>
    public ParsedQuery Parsed => _parsed ??= OptionTags.Parse(Text);

    /// <summary>The words of the wish, in lower case, split at white space.</summary>
    public IReadOnlyList<string> Words => _words ??= Bleu.Words(Parsed.Text);

    /// <summary>A guess (<see cref="LanguageGuess"/>).</summary>
    public string Language => _language ??= LanguageGuess.Of(Parsed.Text);
}

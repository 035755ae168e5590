namespace Vpo.MiniWorld;

/// <summary>The words that the generator's text encoder and the mini LLaMA know, with their ids.</summary>
internal static class MiniVocabulary
{
    public const string Padding = "<pad>", End = "</s>", Unknown = "<unk>";

    private static readonly IReadOnlyList<CaptionStyle> PlainStyles = [CaptionStyle.Object, CaptionStyle.Place, CaptionStyle.Video];

    /// <summary>Padding, end and unknown, then the words of plain captions: all that the generator is trained on.</summary>
    public static IReadOnlyList<string> Captions { get; } = [Padding, End, Unknown, .. WordsOf(PlainStyles)];

    /// <summary>The same, then flowery words, refusals and the words of queries.</summary>
    public static IReadOnlyList<string> Everything { get; } =
    [
        .. Captions.Concat(WordsOf(Enum.GetValues<CaptionStyle>())).Concat(Lexicon.Words(MiniWorld.Captions.Refusal)).Concat(MiniQueries.Words.Order(StringComparer.Ordinal)).Distinct(),
    ];

    private static readonly Dictionary<string, int> CaptionIds = Captions.Index().ToDictionary(w => w.Item, w => w.Index, StringComparer.Ordinal);

    /// <summary>Ids of a prompt for the generator's text encoder; unknown words share one id.</summary>
    public static IReadOnlyList<int> CaptionTokens(string prompt) => [.. Lexicon.Words(prompt).Select(word => CaptionIds.GetValueOrDefault(word, 2))];

    /// <summary>Every word that the styles can give: all values of each aspect, in motion and at rest.</summary>
    private static IEnumerable<string> WordsOf(IReadOnlyList<CaptionStyle> styles)
    {
        var scenes = Lexicon.Aspects.SelectMany(aspect => Enumerable.Range(0, Lexicon.Values(aspect).Count).Select(value => default(Scene).With(aspect, value)));
        return styles.SelectMany(style => scenes.SelectMany(scene => Lexicon.Words(MiniWorld.Captions.Write(scene, style)))).Distinct().Order(StringComparer.Ordinal);
    }
}

namespace Vpo.Models.Tokenizers;

/// <summary>Words between white space, one id each: the WordLevel model of Hugging Face. For small closed vocabularies.</summary>
/// <remarks>Words that are not in the vocabulary become the unknown token; see <see cref="UnknownWords"/> to find them first.</remarks>
public sealed class WordTokenizer : ITokenizer
{
    private readonly Dictionary<string, int> _vocabulary;
    private readonly string?[] _words;
    private readonly AddedTokens _added;
    private readonly int _unknown;

    /// <param name="words">Every token in order of its id, special ones included.</param>
    /// <param name="special">Those that text never gives and decoding leaves out; each is among the words.</param>
    /// <param name="unknown">The token for words that are not in the vocabulary; it is among the words.</param>
    public WordTokenizer(IReadOnlyList<string> words, IReadOnlyList<string> special, string unknown)
        : this(words.Index().ToDictionary(w => w.Item, w => w.Index, StringComparer.Ordinal), special, unknown)
    {
    }

    internal WordTokenizer(Dictionary<string, int> vocabulary, IReadOnlyList<string> special, string unknown)
    {
        _vocabulary = vocabulary;
        Unknown = unknown;
        _unknown = vocabulary.TryGetValue(unknown, out var id) ? id : throw new ArgumentException($"the unknown token '{unknown}' is not among the words.");
        _added = new(special.ToDictionary(s => s, s => vocabulary.TryGetValue(s, out var i) ? i : throw new ArgumentException($"the special token '{s}' is not among the words.")),
            new Dictionary<string, int>());
        VocabularySize = 1 + vocabulary.Values.Max();
        _words = new string?[VocabularySize];
        foreach (var (word, index) in vocabulary)
            _words[index] = word;
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <summary>The token of words that are not in the vocabulary.</summary>
    public string Unknown { get; }

    /// <summary>Words by id.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary => _vocabulary;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> SpecialTokens => _added.Special;

    /// <inheritdoc/>
    public IReadOnlyList<int> Encode(string text, bool parseSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _added.Encode(text, parseSpecial, (part, ids) => ids.AddRange(WordsOf(part).Select(IdOf)));
    }

    /// <inheritdoc/>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return string.Join(' ', ids.Where(id => (uint)id < (uint)_words.Length && !(skipSpecial && _added.SpecialIds.Contains(id))).Select(id => _words[id]).OfType<string>());
    }

    /// <summary>The words of a text that the vocabulary lacks, each once.</summary>
    public IReadOnlyList<string> UnknownWords(string text) => [.. WordsOf(text).Where(word => IdOf(word) == _unknown).Distinct()];

    /// <summary>A word spelled like a special token is an unknown word.</summary>
    private int IdOf(string word) => _vocabulary.TryGetValue(word, out var id) && !_added.SpecialIds.Contains(id) ? id : _unknown;

    private static string[] WordsOf(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}

namespace Vpo.Atoms.Language;

/// <summary>A prompt, read once, in which many atoms are looked for.</summary>
internal sealed class PromptText
{
    private readonly Dictionary<string, List<int>> _places = [];

    internal PromptText(string text)
    {
        (Text, Tokens) = (text, Tokenizer.Read(text));
        for (var i = 0; i < Tokens.Count; i++)
        {
            var (token, at) = (Tokens[i], i);
            Note(token.Text, at);
            if (token.Word.Noun != token.Text)
                Note(token.Word.Noun, at);
            if (token.Word.Verb is { } verb && verb != token.Text && verb != token.Word.Noun)
                Note(verb, at);
            Phrases.AddRange(PhraseBook.Default.AllAt(Tokens, i));
        }
        Phrases.RemoveAll(inner => inner.Phrase.Kind is AtomKind.Camera or AtomKind.Spatial && Phrases.Exists(h => h.Phrase.Kind == inner.Phrase.Kind && h.Start <= inner.Start && h.End >= inner.End && h.End - h.Start > inner.End - inner.Start));
    }

    internal string Text { get; }

    internal List<Token> Tokens { get; }

    internal List<PhraseHit> Phrases { get; } = [];

    internal int SentenceOf(int place) => place < 0 ? -1 : Tokens[place].Sentence;

    /// <summary>Where a word stands in any inflection.</summary>
    internal IReadOnlyList<int> Places(string word) => _places.TryGetValue(word, out var places) ? places : [];

    /// <summary>Where the words of a name stand: its last word, or what may stand for it or for the whole name; the words before it anywhere in the prompt.</summary>
    internal IReadOnlyList<int> Named(string name)
    {
        if (name.IndexOf(' ', StringComparison.Ordinal) < 0)
            return WithSynonyms(name);
        var whole = Synonyms.Of(name).SelectMany(s => s.Contains(' ', StringComparison.Ordinal) ? InOrder(s) : Places(s));
        var words = name.Split(' ');
        var head = words is [_, "of", ..] ? words[0] : words[^1];
        var rest = words.Where(w => w != head && w != "of");
        return rest.All(w => WithSynonyms(w).Count > 0) ? [.. WithSynonyms(head).Concat(whole).Distinct().Order()] : [.. whole.Distinct().Order()];
    }

    /// <summary>Where a word or a synonym stands.</summary>
    internal IReadOnlyList<int> WithSynonyms(string word)
    {
        var others = Synonyms.Of(word);
        return others.Count == 0 ? Places(word) : [.. others.SelectMany(o => o.Contains(' ', StringComparison.Ordinal) ? InOrder(o) : Places(o)).Concat(Places(word)).Distinct().Order()];
    }

    private IEnumerable<int> InOrder(string name)
    {
        var words = name.Split(' ');
        return Places(words[0]).Where(at => at + words.Length <= Tokens.Count && words.Index().All(w => Tokens[at + w.Index].Means(w.Item))).Select(at => at + words.Length - 1);
    }

    private void Note(string word, int at)
    {
        if (!_places.TryGetValue(word, out var places))
            _places.Add(word, places = []);
        places.Add(at);
    }
}

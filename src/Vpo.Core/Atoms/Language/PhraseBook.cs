namespace Vpo.Atoms.Language;

/// <summary>A way to say something, and what it says.</summary>
internal sealed record Phrase(AtomKind Kind, string Name, string[] Words)
{
    /// <summary>Between two words: up to <see cref="PhraseBook.WidestGap"/> others may stand there.</summary>
    internal const string Gap = "~";
}

/// <summary>A phrase found in a text.</summary>
/// <param name="Phrase">The phrase.</param>
/// <param name="Start">Its first token.</param>
/// <param name="End">Behind its last token.</param>
internal sealed record PhraseHit(Phrase Phrase, int Start, int End);

/// <summary>Finds the phrases of the word lists.</summary>
internal sealed class PhraseBook
{
    internal const int WidestGap = 3;

    private readonly Dictionary<string, List<Phrase>> _byFirst = [];

    internal static PhraseBook Default { get; } = Read();

    /// <summary>The longest phrase at a place.</summary>
    internal PhraseHit? At(IReadOnlyList<Token> tokens, int at)
    {
        PhraseHit? best = null;
        var token = tokens[at];
        Try(token.Text);
        if (token.Word.Noun != token.Text)
            Try(token.Word.Noun);
        if (token.Word.Verb is { } verb && verb != token.Text && verb != token.Word.Noun)
            Try(verb);
        return best;

        void Try(string key)
        {
            if (!_byFirst.TryGetValue(key, out var phrases))
                return;
            foreach (var phrase in phrases)
            {
                var end = End(phrase, tokens, at);
                if (end > (best?.End ?? at))
                    best = new(phrase, at, end);
            }
        }
    }

    /// <summary>All that is said at a place, not only the longest.</summary>
    internal IEnumerable<PhraseHit> AllAt(IReadOnlyList<Token> tokens, int at)
    {
        var token = tokens[at];
        foreach (var key in new[] { token.Text, token.Word.Noun, token.Word.Verb ?? token.Text }.Distinct())
        {
            foreach (var phrase in _byFirst.GetValueOrDefault(key) ?? [])
            {
                if (End(phrase, tokens, at) is > 0 and var end)
                    yield return new(phrase, at, end);
            }
        }
    }

    private static int End(Phrase phrase, IReadOnlyList<Token> tokens, int at)
    {
        var gap = 0;
        foreach (var word in phrase.Words)
        {
            if (word == Phrase.Gap)
            {
                gap = WidestGap;
                continue;
            }
            while (gap > 0 && at < tokens.Count && !Fits(phrase, tokens[at], word))
                (at, gap) = (at + 1, gap - 1);
            if (at >= tokens.Count || !Fits(phrase, tokens[at], word) || (at > 0 && phrase.Words[0] != word && tokens[at].Sentence != tokens[at - 1].Sentence))
                return -1;
            (at, gap) = (at + 1, 0);
        }
        return at;
    }

    /// <summary>Only camera moves and relations are inflected like verbs: a landing man is not on land.</summary>
    private static bool Fits(Phrase phrase, Token token, string word) =>
        token.Text == word || (phrase.Kind switch
        {
            AtomKind.Camera or AtomKind.Spatial => token.Word.Means(word),
            AtomKind.Light => token.Word.Noun == word && !token.Is(WordClass.VerbS),
            _ => token.Word.Noun == word,
        });

    private static PhraseBook Read()
    {
        var book = new PhraseBook();
        foreach (var (kind, file) in new[] { (AtomKind.Camera, "camera"), (AtomKind.Light, "light"), (AtomKind.Style, "styles"), (AtomKind.Scene, "scenes"), (AtomKind.Spatial, "spatial"), (AtomKind.Action, "actions"), (AtomKind.Order, "order") })
        {
            foreach (var (name, ways) in WordFile.Entries(file))
                book.Add(kind, name.Split('=')[0], ways.Append(kind == AtomKind.Spatial ? ways[0] : name));
        }
        foreach (var line in WordFile.Lines("compounds"))
            book.Add(AtomKind.Subject, line.Split('|')[0].Trim(), line.Split('|', StringSplitOptions.TrimEntries));
        return book;
    }

    private void Add(AtomKind kind, string name, IEnumerable<string> ways)
    {
        foreach (var way in ways)
        {
            string[] words = [.. way.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(w => w == Phrase.Gap ? [w] : Tokenizer.Read(w).Select(t => t.Text))];
            if (!_byFirst.TryGetValue(words[0], out var list))
                _byFirst.Add(words[0], list = []);
            list.Add(new(kind, name, words));
        }
    }
}

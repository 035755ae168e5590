namespace Vpo.Atoms.Language;

/// <summary>Reads a text once from left to right and collects its atoms.</summary>
internal sealed partial class AtomReader
{
    private readonly string _text;
    private readonly List<Token> _tokens;
    private readonly Role[] _roles;
    private readonly PhraseHit?[] _hits;
    private readonly List<string> _colors = [];
    private static readonly HashSet<string> Units =
    [
        "year", "years", "yr", "yrs", "yo", "month", "months", "week", "weeks", "day", "days", "hour", "hours", "minute", "minutes", "min", "second", "seconds", "sec", "secs", "mm", "cm", "m", "km", "meter", "meters", "metre", "metres", "inch", "inches",
        "feet", "ft", "kg", "mph", "kmh", "percent", "degree", "degrees", "fps", "dollars", "euros", "pixels", "bit", "am", "pm", "million", "billion", "thousand", "hundred",
    ];

    private (int? Number, int At) _count;
    private string? _thing;
    private string? _action;
    private int _actionAt;
    private (string Relation, string? Of, int At)? _relation;
    private bool _unwanted;

    internal AtomReader(string text)
    {
        (_text, _tokens) = (text, Tokenizer.Read(text));
        (_roles, _hits) = (new Role[_tokens.Count], new PhraseHit?[_tokens.Count]);
    }

    internal List<Atom> Atoms { get; } = [];

    internal void Read()
    {
        TakePhrases();
        Tagger.Tag(_tokens, _roles);
        for (var i = 0; i < _tokens.Count;)
        {
            if (i > 0 && _tokens[i].Sentence != _tokens[i - 1].Sentence)
                Forget();
            i = Step(i);
        }
    }

    private void Forget()
    {
        _colors.Clear();
        (_count, _thing, _relation, _unwanted) = (default, null, null, false);
        (_order, _formerTopic, _topic, _owner, _fronted) = (null, _topic ?? _formerTopic, null, null, null);
    }

    /// <summary>Reads what stands at a place and says where to go on.</summary>
    private int Step(int i)
    {
        var token = _tokens[i];
        if (token.AfterBreak)
            (_unwanted, _count) = (false, default);
        if (token.AfterBreak && token.Is(WordClass.Determiner | WordClass.Number))
            _owner = null;
        if (token.AfterBreak && _relation is { } open && _hits[open.At]?.End <= i && _roles[i] is not (Role.Describing or Role.Color))
            _relation = null;
        if (_order is { Word: OrderWord.Until } && (token.AfterBreak || token.Text is "when" or "which"))
            _order = null;   // "before a crowd, she sings"
        if (_hits[i] is { } hit && IsWhole(hit))
            return Whole(hit);
        switch (_roles[i])
        {
            case Role.Number:
                _count = IsCount(i) ? (Lexicon.Number(token.Text), i) : default;
                return i + 1;
            case Role.Color:
                return ReadColor(i);
            case Role.Verb:
            case Role.Meta when IsEvent(i):
                return ReadAction(i);
            case Role.Noun:
                return ReadThing(i);
            default:
                ReadSmall(token, i);
                return i + 1;
        }
    }

    /// <summary>Not in "25-year-old", "16 mm", "Metin 2".</summary>
    private bool IsCount(int i) =>
        !(i + 1 < _tokens.Count && !_tokens[i + 1].AfterBreak && (_tokens[i + 1].Joined || Units.Contains(_tokens[i + 1].Text))) && !(i > 0 && !_tokens[i].AfterBreak && _tokens[i - 1].IsName)
        && !(i + 2 < _tokens.Count && _tokens[i + 1].Text is "and" or "or" or "to" && Units.Contains(_tokens[i + 2].Text));

    private void ReadSmall(Token token, int i)
    {
        ReadReference(token, i);
        if (token.Text is "with")
            _owner ??= _thingIsScene ? null : _thing;
        if (token.Text is "after" && i + 1 < _tokens.Count && !_tokens[i + 1].AfterBreak && _tokens[i + 1].Is(WordClass.VerbIng) && _roles[i + 1] == Role.Verb)
            _order = new(OrderWord.After, _actionsRead.Count > 0 && _actionsRead[^1].Sentence == token.Sentence ? _action : null, _actionsRead.Count);
        if (token.Text is "no" or "without")
            _unwanted = true;
        else if (token.Text is "not" or "don't" or "doesn't" or "isn't" or "aren't" && i + 1 < _tokens.Count && !_tokens[i + 1].Is(WordClass.Adjective | WordClass.Adverb | WordClass.VerbIng))
            _unwanted = true;
        else if (token.Is(WordClass.Era))
            Add(new(AtomKind.Style, token.Text), i, i + 1);
        else if (token.Is(WordClass.Determiner | WordClass.Preposition | WordClass.Auxiliary) && token.Text is not "of")
            (_count, _) = (default, _colors.RemoveAll(_ => !token.Is(WordClass.Auxiliary)));
        else if (token.Is(WordClass.Conjunction))
            _unwanted &= token.Text is "or" or "nor" or "and";
    }

    private int ReadColor(int i)
    {
        var color = Lexicon.Color(_tokens[i].Text)!;
        var next = NextThing(i + 1);
        if (i > 0 && _tokens[i - 1].Text == "in" && _thing is not null && (i + 1 == _tokens.Count || _tokens[i + 1].AfterBreak || _tokens[i + 1].Is(WordClass.VerbIng | WordClass.Small)))
            next = -1;
        if (next >= 0 && _hits[next] is { Phrase.Kind: AtomKind.Light })
            Add(new(AtomKind.Color, color) { Of = _tokens[next].Word.Noun }, i, next + 1);
        else if (next >= 0 && _roles[next] == Role.None && _tokens[next].Is(WordClass.Filler))
            Add(new(AtomKind.Color, color) { Of = _tokens[next].Text is "background" or "foreground" ? _tokens[next].Text : null }, i, next + 1);
        else if (next >= 0 && !(_tokens[next].IsName && !_tokens[i].IsName && _thing is not null && i > 0 && _tokens[i - 1].Is(WordClass.Auxiliary)))
            _colors.Add(color);
        else
            Add(new(AtomKind.Color, color) { Of = _thing }, i, i + 1);
        return i + 1;
    }

    /// <summary>The noun that a describing word at a place belongs to; -1 when the phrase ends before one.</summary>
    private int NextThing(int i)
    {
        for (; i < _tokens.Count && !(_tokens[i].AfterBreak && !_tokens[i].Is(WordClass.Color)); i++)
        {
            if (_hits[i] is { Phrase.Kind: AtomKind.Subject or AtomKind.Light } || _roles[i] == Role.Noun)
                return i;
            if (_roles[i] is not (Role.Describing or Role.Color or Role.Number or Role.Taken) && _tokens[i].Text is not ("and" or "or") && !_tokens[i].Is(WordClass.VerbIng) && !_tokens[i].Is(WordClass.Filler))
                return -1;
            if (_tokens[i].Is(WordClass.Filler))
                return i;
        }
        return -1;
    }

    private int ReadAction(int i)
    {
        if (_hits[i] is { Phrase.Kind: AtomKind.Scene } weather)
        {
            Add(new(AtomKind.Scene, weather.Phrase.Name), i, weather.End);
            return weather.End;
        }
        var name = _tokens[i].Word.Verb!;
        if (_tokens[i].Text is "make" && (i == 0 || _tokens[i].Sentence != _tokens[i - 1].Sentence) && i + 1 < _tokens.Count && _tokens[i + 1].Is(WordClass.Determiner | WordClass.Pronoun))
            return i + 1;   // "make me a video", "make a cat jump"
        var end = EndOfPhrase(i + 1);
        if (!_unwanted)
        {
            Add(new(AtomKind.Action, name), i, end);
            ReadOrder(name, i, end);
            if (Placing.Contains(name) && _tokens[i].Is(WordClass.VerbIng) && _owner is { } owner)
                _thing = owner;   // "a man wearing a hat standing next to a car": the man stands there
            if (Having.Contains(name))
                _owner ??= _thingIsScene ? null : _thing;
            else if (!_tokens[i].Is(WordClass.VerbIng))
                _owner = null;
            (_action, _actionAt) = (name, i);
        }
        return i + 1;
    }

    /// <summary>Up to the next noun, for the words that an action is told by.</summary>
    private int EndOfPhrase(int i)
    {
        var start = i;
        while (i < _tokens.Count && i < start + 5 && !_tokens[i].AfterBreak && !_tokens[i].Is(WordClass.Conjunction | WordClass.Auxiliary | WordClass.Pronoun) && _roles[i] is not (Role.Verb or Role.Taken))
        {
            i++;
            if (_roles[i - 1] == Role.Noun && (i >= _tokens.Count || _roles[i] != Role.Noun))
                return i;
        }
        while (i > start && (_tokens[i - 1].Is(WordClass.Small) || _roles[i - 1] != Role.Noun))
            i--;
        return i;
    }

    private void Add(Atom atom, int start, int end) => Atoms.Add(atom with { Phrase = _text[_tokens[start].Start.._tokens[end - 1].End] });
}

namespace Vpo.Atoms.Language;

/// <content>Phrases of the word lists.</content>
internal sealed partial class AtomReader
{
    private static readonly HashSet<string> Placing = ["sit", "stand", "lie", "lay", "rest", "perch", "sleep", "kneel", "hang", "float", "place", "put", "mount", "balance", "land", "seat", "wrap", "fly", "hover", "is", "are", "was"];

    /// <summary>Marks the longest phrase at each place. Places are only noted: whether they are one depends on the nouns beside them.</summary>
    private void TakePhrases()
    {
        for (var i = 0; i < _tokens.Count;)
        {
            var hit = PhraseBook.Default.At(_tokens, i);
            if (hit is null || IsMisread(hit))
            {
                i++;
                continue;
            }
            _hits[i] = hit;
            var first = _tokens[hit.Start];
            if (hit.Phrase.Kind == AtomKind.Subject || (hit.Phrase.Kind == AtomKind.Scene && hit.End > hit.Start + 1 && !first.Is(WordClass.Color) && first.Is(WordClass.VerbIng | WordClass.Adjective | WordClass.Filler)))
                Array.Fill(_roles, Role.Noun, hit.Start, hit.End - hit.Start);
            if (IsWhole(hit))
            {
                for (var at = hit.Start; at < hit.End; at++)
                    _roles[at] = Role.Taken;
                i = hit.End;
            }
            else
                i++;
        }
    }

    private static bool IsWhole(PhraseHit hit) => hit.Phrase.Kind is not (AtomKind.Scene or AtomKind.Subject);

    private bool IsMisread(PhraseHit hit)
    {
        var (first, single) = (_tokens[hit.Start], hit.End == hit.Start + 1);
        var next = hit.End < _tokens.Count && !_tokens[hit.End].AfterBreak ? _tokens[hit.End] : null;
        return hit.Phrase.Kind switch
        {
            AtomKind.Light => single && first.Text is "light" or "lights" or "dark" && next?.Is(WordClass.Color) == true,
            AtomKind.Style when single && first.Text == "painted" => next?.Is(WordClass.Color | WordClass.Preposition | WordClass.Adverb) == true,
            AtomKind.Style when hit.Phrase.Name == "black and white" && first.Text == "black" => next is not null && !next.Is(WordClass.Small | WordClass.Filler | WordClass.Meta) && PhraseBook.Default.At(_tokens, hit.End) is null or { Phrase.Kind: AtomKind.Subject or AtomKind.Scene },
            AtomKind.Style when single && hit.Start > 0 && _tokens[hit.Start - 1].Is(WordClass.Auxiliary) => first.Text is "drawing" or "painting" or "sketching",
            AtomKind.Style => single && first.Text is "painting" or "paintings" or "drawing" or "photos" or "drawings" or "sketch" && next?.Text is not "of" && (first.Text[^1] == 's' || next?.Is(WordClass.Determiner) == true),
            AtomKind.Spatial => single && (next is null || (first.Text is "on" or "over" or "around" && !IsPlaced(hit.Start)) || (first.Text is "by" && !IsPosed(hit.Start))),
            AtomKind.Action => single && next is not null && !next.Is(WordClass.Small),
            _ => false,
        };
    }

    /// <summary>Whether a thing, or a verb of being somewhere, stands before "on": not in "works on", "marches on".</summary>
    private bool IsPlaced(int i) => i > 0 && !_tokens[i].AfterBreak && (_tokens[i - 1] is var before) && !before.Is(WordClass.VerbIng | WordClass.VerbPast | WordClass.VerbS | WordClass.Small) || (i > 0 && Placing.Contains(_tokens[i - 1].Word.Verb ?? _tokens[i - 1].Text));

    /// <summary>"stands by", "sitting by": beside it, and not by whom or how.</summary>
    private bool IsPosed(int i) => i > 0 && !_tokens[i].AfterBreak && _tokens[i - 1].Word.Verb is "sit" or "stand" or "lie" or "lay" or "kneel" or "sleep" or "rest" or "wait" or "walk" or "park" or "pose" && !_tokens[i - 1].Is(WordClass.Adjective);

    /// <summary>"works on", "fights against": the verb's own word, not where a thing is.</summary>
    private bool IsOfVerb(PhraseHit hit) =>
        hit.End == hit.Start + 1 && hit.Start > 0 && !_tokens[hit.Start].AfterBreak && _tokens[hit.Start].Text is "on" or "over" or "around" or "against" && _roles[hit.Start - 1] == Role.Verb
        && !(Placing.Contains(_tokens[hit.Start - 1].Word.Verb ?? "") || (_tokens[hit.Start].Text == "against" && _tokens[hit.Start - 1].Word.Verb is "lean" or "press" or "set"));

    /// <summary>Not in "steps outside to look", "casts a glow over": nothing to relate to follows, or light stands before it.</summary>
    private bool IsBetweenThings(PhraseHit hit)
    {
        var next = hit.End < _tokens.Count && !_tokens[hit.End].AfterBreak ? _tokens[hit.End] : null;
        var isPassive = _tokens[hit.Start].Text == "surrounded" && next?.Text == "by";
        return (isPassive || next?.Is(WordClass.Preposition | WordClass.Conjunction | WordClass.Auxiliary) == false)
            && !(hit.Start > 0 && !_tokens[hit.Start].AfterBreak && _hits.Take(hit.Start).Any(h => h is { Phrase.Kind: AtomKind.Light } && h.End == hit.Start));
    }

    /// <summary>"plays a tune on a guitar", "listens to music on headphones": by what it is done.</summary>
    private bool IsMeans(PhraseHit hit) =>
        _tokens[hit.Start].Text == "on" && hit.End == hit.Start + 1 && _action is "play" or "listen" or "watch" or "perform" or "type" or "see" or "talk" or "work" && _tokens[_actionAt].Sentence == _tokens[hit.Start].Sentence && hit.Start - _actionAt <= 5;

    private int Whole(PhraseHit hit)
    {
        var (kind, name) = (hit.Phrase.Kind, hit.Phrase.Name);
        switch (kind)
        {
            case AtomKind.Spatial:
                var begins = hit.Start > 0 && _tokens[hit.Start - 1].Sentence != _tokens[hit.Start].Sentence;
                _relation = (_thing is null && !begins) || IsOfVerb(hit) || IsMeans(hit) || !IsBetweenThings(hit) ? null : (name, _thing, hit.Start);
                (_count, _) = (default, _colors.RemoveAll(_ => true));
                return hit.End;
            case AtomKind.Order:
                return ReadOrderWord(hit);
            default:
                if (_unwanted)
                    Add(new(AtomKind.Negative, name), hit.Start, hit.End);
                else
                    Add(new(kind, name), hit.Start, hit.End);
                return hit.End;
        }
    }
}

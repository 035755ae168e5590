namespace Vpo.Atoms.Language;

/// <content>Which action comes first, and what "him" and "it" stand for beside a relation.</content>
internal sealed partial class AtomReader
{
    private enum OrderWord
    {
        /// <summary>"walks and then sits".</summary>
        Then,

        /// <summary>"drums until it breaks", "sighs before drinking".</summary>
        Until,

        /// <summary>"sleeps after eating": the later one is told first.</summary>
        After,
    }

    /// <summary>An order that waits for its second action.</summary>
    /// <param name="Word">How it was said.</param>
    /// <param name="Last">The action that was read last before it; null when the sentence begins with it.</param>
    /// <param name="Read">How many actions were read before it.</param>
    private sealed record PendingOrder(OrderWord Word, string? Last, int Read)
    {
        /// <summary>Whether the first action is certain: it was told behind "after".</summary>
        public bool IsTold { get; init; }
    }

    private static readonly HashSet<string> Having = ["wear", "hold", "carry"];

    private static readonly HashSet<string> Changes = ["appear", "become", "fade", "continue"];

    private const WordClass Forms = WordClass.VerbIng | WordClass.VerbS | WordClass.VerbPast | WordClass.VerbBase;

    private readonly List<(string Name, WordClass Form, int Sentence)> _actionsRead = [];

    private PendingOrder? _order;
    private string? _topic;
    private string? _formerTopic;
    private string? _owner;
    private (string Relation, string Other, int At)? _fronted;
    private bool _thingIsScene;

    /// <summary>"before" behind a word of posture says where: "kneels before a king".</summary>
    private int ReadOrderWord(PhraseHit hit)
    {
        var word = _tokens[hit.Start].Text;
        if (word == "before" && hit.End == hit.Start + 1 && _thing is not null && IsPosed(hit.Start))
            _relation = ("in front of", _thing, hit.Start);
        else
            _order = new(word is "before" or "until" or "till" ? OrderWord.Until : OrderWord.Then, _actionsRead.FindLast(a => !Having.Contains(a.Name)).Name ?? _action, _actionsRead.Count);
        return hit.End;
    }

    /// <summary>"ghosts appear and then vanish": beside a word of order, verbs that mostly speak about the video tell what happens.</summary>
    private bool IsEvent(int i) =>
        _tokens[i].Word.Verb is { } verb && Changes.Contains(verb)
        && ((i + 1 < _tokens.Count && _hits[i + 1] is { Phrase.Kind: AtomKind.Order }) || Enumerable.Range(Math.Max(0, i - 3), Math.Min(3, i)).Any(at => _hits[at] is { Phrase.Kind: AtomKind.Order } hit && hit.End == i));

    /// <summary>An action was read: it may be the second of an order.</summary>
    private void ReadOrder(string name, int start, int end)
    {
        var (order, form, sentence) = (_order, _tokens[start].Word.Class & Forms, _tokens[start].Sentence);
        _order = null;
        var first = order?.Word == OrderWord.Then && !order.IsTold ? Parallel(form, sentence, order.Read) ?? order.Last : order?.Last;
        if (order is { Word: OrderWord.After, Last: null })
            _order = new(OrderWord.Then, name, _actionsRead.Count) { IsTold = true };   // "after eating, she sleeps"
        else if (first is not null && first != name)
            Add(new(AtomKind.Order, "then") { Of = order!.Word == OrderWord.After ? name : first, Other = order.Word == OrderWord.After ? first : name }, start, end);
        _actionsRead.Add((name, form, sentence));
    }

    /// <summary>The nearest action of the sentence in the same form: in "bends to tie a shoe and then runs" it is "bends".</summary>
    private string? Parallel(WordClass form, int sentence, int count)
    {
        for (var at = count - 1; at >= 0 && _actionsRead[at].Sentence == sentence; at--)
        {
            if ((_actionsRead[at].Form & form) != 0 && !Having.Contains(_actionsRead[at].Name))
                return _actionsRead[at].Name;
        }
        return null;
    }

    /// <summary>"a woman stands next to him", "Next to it is a cup": him and it are what the text speaks of first.</summary>
    private void ReadReference(Token token, int i)
    {
        if (_relation is not { } relation || token.Text is not ("it" or "him" or "her" or "them" or "me" or "us" or "you"))
            return;
        var next = i + 1 < _tokens.Count && !_tokens[i + 1].AfterBreak ? i + 1 : -1;
        if (token.Text == "her" && next >= 0 && _roles[next] is Role.Noun or Role.Describing or Role.Color or Role.Number)
            return;   // "next to her dog"
        _relation = null;
        if (token.Text is "me" or "us" or "you" || _hits[relation.At]?.End != i)
            return;
        if (relation.Of is { } of && !_tokens[relation.At].AfterBreak)
        {
            var other = _topic is { } topic && topic != of ? topic : _formerTopic;
            if (other is not null && other != of && !NoRelationTo.Contains(of))
                Add(new(AtomKind.Spatial, relation.Relation) { Of = of, Other = other }, relation.At, i + 1);
        }
        else if (relation.Of is null && _formerTopic is { } former)
            _fronted = (relation.Relation, former, relation.At);
    }
}

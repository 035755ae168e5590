namespace Vpo.Curation.Similarity;

/// <summary>What <see cref="NearDuplicates.Find"/> decides about any one text, without deciding about all that come before it: only those are asked that the decision hangs on, and those that theirs hang on.</summary>
/// <remarks>
/// A text is kept unless one that comes before it, is near and is kept: so the answer for a text is settled by the texts alone, whoever asks and in whatever order. In an order of hashes few others are asked
/// (local algorithms for maximal independent sets; Nguyen and Onak 2008, Yoshida et al. 2009). Safe for concurrent calls: two threads may find the same answer twice, never different ones.
/// </remarks>
internal sealed class NearDecisions
{
    private const int Unknown = -2;

    private readonly WordTable _table;
    private readonly BleuBounds _bounds;
    private readonly NearIndex _index;
    private readonly int[] _repeats;

    /// <param name="table">The texts in the order in which they take precedence.</param>
    /// <param name="threshold">Two texts are near when BLEU-4 in one of the directions is at least this, and their wishes are alike.</param>
    /// <param name="given">So many of the first are kept in any case.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="cancellationToken">Ends the filing.</param>
    public NearDecisions(WordTable table, double threshold, int given, int workers, CancellationToken cancellationToken)
    {
        (_table, _bounds) = (table, new(threshold));
        _index = new(table, _bounds, new(table, _bounds, workers, cancellationToken));
        _repeats = new int[table.Count];
        Array.Fill(_repeats, Unknown);
        Array.Fill(_repeats, NearDuplicates.Kept, 0, given);
        for (var i = 0; i < table.Count; i++)
            _index.Add(i);
    }

    /// <summary>What a thread compares with; not to be shared.</summary>
    public SharedGrams NewGrams() => new(_table, _bounds);

    /// <summary><see cref="NearDuplicates.Kept"/>, or the first kept text that this one is near to.</summary>
    public int Of(int text, SharedGrams grams)
    {
        var asked = new Stack<Question>();
        for (Ask(asked, text); asked.Count > 0;)
        {
            var question = asked.Peek();
            if (Answer(question, grams, out var open) is { } repeats)
            {
                Volatile.Write(ref _repeats[question.Text], repeats);
                asked.Pop();
            }
            else
                Ask(asked, open);
        }
        return _repeats[text];
    }

    private void Ask(Stack<Question> asked, int text)
    {
        if (Volatile.Read(ref _repeats[text]) == Unknown)
            asked.Push(new(text, _index.Before(text)));
    }

    /// <summary>Null while it hangs on a text whose own answer is open.</summary>
    private int? Answer(Question question, SharedGrams grams, out int open)
    {
        for (open = 0; question.Next < question.Before.Length; question.Next++)
        {
            var earlier = question.Before[question.Next];
            var known = Volatile.Read(ref _repeats[earlier]);
            if (known >= 0 || !grams.AreNear(question.Text, earlier))
                continue;
            if (known == NearDuplicates.Kept)
                return earlier;
            open = earlier;
            return null;
        }
        return NearDuplicates.Kept;
    }

    /// <summary>A text with those that may be near and come before it, the first of which are done with.</summary>
    private sealed class Question(int text, int[] before)
    {
        public int Text { get; } = text;

        public int[] Before { get; } = before;

        public int Next { get; set; }
    }
}

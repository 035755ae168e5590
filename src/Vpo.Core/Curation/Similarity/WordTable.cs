namespace Vpo.Curation.Similarity;

/// <summary>The words of many texts in one array.</summary>
internal sealed class WordTable
{
    private readonly ulong[] _words;
    private readonly long[] _starts;
    private readonly IReadOnlyList<ulong[]?>? _wishes;

    /// <param name="texts">The words of each text.</param>
    /// <param name="wishes">Its words without options; null, also in the list, where that is all of them.</param>
    public WordTable(IReadOnlyList<ulong[]> texts, IReadOnlyList<ulong[]?>? wishes = null)
    {
        _wishes = wishes;
        _starts = new long[texts.Count + 1];
        for (var i = 0; i < texts.Count; i++)
            _starts[i + 1] = _starts[i] + texts[i].Length;
        _words = new ulong[_starts[^1]];
        for (var i = 0; i < texts.Count; i++)
            texts[i].CopyTo(_words, _starts[i]);
    }

    public int Count => _starts.Length - 1;

    /// <summary>Whether two texts, one of which has options, wish for alike things: the shorter wish has half its words in the other one. Else a long list of negatives would make all its users alike.</summary>
    public bool WishesAreAlike(int a, int b)
    {
        if (_wishes is null || (_wishes[a] is null && _wishes[b] is null))
            return true;
        HashSet<ulong> first = [.. _wishes[a] ?? this[a]], second = [.. _wishes[b] ?? this[b]];
        var least = Math.Min(first.Count, second.Count);
        first.IntersectWith(second);
        return first.Count * 2 >= least;
    }

    public ReadOnlySpan<ulong> this[int text] => _words.AsSpan((int)_starts[text], (int)(_starts[text + 1] - _starts[text]));
}

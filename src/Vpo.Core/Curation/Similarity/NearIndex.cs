using System.Numerics;

namespace Vpo.Curation.Similarity;

/// <summary>The texts that were kept, filed under their rarest runs. Reading is safe for concurrent use while nothing is added.</summary>
internal sealed class NearIndex
{
    private readonly WordTable _texts;
    private readonly BleuBounds _bounds;
    private readonly RareTriples _keys;
    private readonly long[] _starts;
    private readonly int[] _filled;
    private readonly Posting[] _postings;

    public NearIndex(WordTable texts, BleuBounds bounds, RareTriples keys)
    {
        (_texts, _bounds, _keys) = (texts, bounds, keys);
        _starts = new long[keys.FiledIn.Length + 1];
        for (var i = 0; i < keys.FiledIn.Length; i++)
            _starts[i + 1] = _starts[i] + keys.FiledIn[i];
        _filled = new int[keys.FiledIn.Length];
        _postings = new Posting[_starts[^1]];
    }

    /// <summary>Adds a text; texts come in rising order.</summary>
    public void Add(int text)
    {
        var posting = Posting.Of(text, _texts[text]);
        foreach (var slot in _keys[text])
        {
            if (slot != RareTriples.Alone)
                _postings[_starts[slot] + _filled[slot]++] = posting;
        }
    }

    /// <summary>The first text, from a given one on, that was added and is near to this one; -1 for none. Finds every one there is.</summary>
    public int FirstNear(int text, int from, SharedGrams grams, List<int> candidates)
    {
        candidates.Clear();
        var self = Posting.Of(text, _texts[text]);
        foreach (var slot in _keys[text])
        {
            if (slot != RareTriples.Alone)
                Collect(self, _postings.AsSpan((int)_starts[slot], _filled[slot]), from, candidates);
        }
        candidates.Sort();
        var previous = -1;
        foreach (var candidate in candidates)
        {
            if (candidate != previous && grams.AreNear(text, candidate))
                return candidate;
            previous = candidate;
        }
        return -1;
    }

    /// <summary>All that were added, come before a text and may be near to it: no near one is missing. In rising order, each once.</summary>
    public int[] Before(int text)
    {
        var (self, candidates) = (Posting.Of(text, _texts[text]), new SortedSet<int>());
        foreach (var slot in _keys[text])
        {
            var filed = slot == RareTriples.Alone ? [] : _postings.AsSpan((int)_starts[slot], _filled[slot]);
            for (var i = 0; i < filed.Length && filed[i].Text < text; i++)
            {
                if (MayBeNear(self, filed[i]))
                    candidates.Add(filed[i].Text);
            }
        }
        return [.. candidates];
    }

    /// <summary>Those whose length and fingerprints leave it possible; from the end, since the texts of a slot are in rising order.</summary>
    private void Collect(in Posting self, ReadOnlySpan<Posting> filed, int from, List<int> candidates)
    {
        for (var i = filed.Length - 1; i >= 0 && filed[i].Text >= from; i--)
        {
            if (MayBeNear(self, filed[i]))
                candidates.Add(filed[i].Text);
        }
    }

    private bool MayBeNear(in Posting a, in Posting b)
    {
        if (a.Length >= BleuBounds.Tabled || b.Length >= BleuBounds.Tabled)
            return true;
        var place = a.Length * BleuBounds.Tabled + b.Length;
        int words = _bounds.Words[place], pairs = _bounds.Pairs[place];
        return words != BleuBounds.Never && pairs != BleuBounds.Never
            && BitOperations.PopCount(a.Words & ~b.Words) <= a.Length - words && BitOperations.PopCount(b.Words & ~a.Words) <= b.Length - words
            && BitOperations.PopCount(a.Pairs & ~b.Pairs) <= a.Length - 1 - pairs && BitOperations.PopCount(b.Pairs & ~a.Pairs) <= b.Length - 1 - pairs;
    }

    /// <summary>A text with fingerprints of its words and of its pairs of words: a bit set here and not there is one that is not shared.</summary>
    private readonly record struct Posting(ulong Words, ulong Pairs, int Text, int Length)
    {
        public static Posting Of(int text, ReadOnlySpan<ulong> words)
        {
            ulong single = 0, pairs = 0;
            for (var i = 0; i < words.Length; i++)
            {
                single |= 1UL << (int)(words[i] >> 58);
                if (i > 0)
                    pairs |= 1UL << (int)(WordHashes.Mix(words[i - 1] * 31 + words[i]) >> 58);
            }
            return new(single, pairs, text, words.Length);
        }
    }
}

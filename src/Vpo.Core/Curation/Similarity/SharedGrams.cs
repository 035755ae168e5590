using Vpo.Queries;

namespace Vpo.Curation.Similarity;

/// <summary>Compares one text with others: how many runs of one to four words they share, and whether BLEU-4 reaches the threshold. Not safe for concurrent use.</summary>
internal sealed class SharedGrams(WordTable texts, BleuBounds bounds)
{
    private const int Orders = 4;
    private static readonly BleuOptions Plain = new();

    private int _text = -1, _length, _mask, _round;
    private ulong[] _keys = [];
    private int[] _counts = [], _used = [], _rounds = [];

    /// <summary>Whether BLEU-4 of a against b, or of b against a, is at least the threshold, and not for their options alone.</summary>
    public bool AreNear(int a, int b) => Compare(a, b, decide: true) >= bounds.Threshold && texts.WishesAreAlike(a, b);

    /// <summary>The greater of BLEU-4 of a against b and of b against a.</summary>
    public double Similarity(int a, int b) => Compare(a, b, decide: false);

    /// <summary>When only the decision counts: 0 as soon as the threshold is out of reach.</summary>
    private double Compare(int a, int b, bool decide)
    {
        Remember(a);
        var other = texts[b];
        Span<int> shared = stackalloc int[Orders];
        _round++;
        for (var order = 1; order <= Orders; order++)
        {
            shared[order - 1] = Shared(other, order);
            if (decide && !bounds.CanReach(_length, other.Length, shared[..order]) && !bounds.CanReach(other.Length, _length, shared[..order]))
                return 0;
        }
        return Math.Max(Score(_length, other.Length, shared), Score(other.Length, _length, shared));
    }

    private static double Score(int hypothesis, int reference, ReadOnlySpan<int> shared)
    {
        var counts = new (int, int)[Orders];
        for (var n = 0; n < Orders; n++)
            counts[n] = (shared[n], Math.Max(0, hypothesis - n));
        return Bleu.FromCounts(counts, hypothesis, reference, Plain);
    }

    private int Shared(ReadOnlySpan<ulong> other, int order)
    {
        var matched = 0;
        for (var i = 0; i + order <= other.Length; i++)
        {
            var slot = Slot(Gram(other.Slice(i, order)));
            if (_counts[slot] == 0)
                continue;
            if (_rounds[slot] != _round)
                (_rounds[slot], _used[slot]) = (_round, 0);
            if (_used[slot] < _counts[slot])
            {
                _used[slot]++;
                matched++;
            }
        }
        return matched;
    }

    private void Remember(int text)
    {
        if (text == _text)
            return;
        var words = texts[text];
        (_text, _length) = (text, words.Length);
        Clear((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, words.Length * Orders * 2)));
        for (var order = 1; order <= Orders; order++)
        {
            for (var i = 0; i + order <= words.Length; i++)
            {
                var gram = Gram(words.Slice(i, order));
                var slot = Slot(gram);
                (_keys[slot], _counts[slot]) = (gram, _counts[slot] + 1);
            }
        }
    }

    private void Clear(int size)
    {
        if (size > _keys.Length)
            (_keys, _counts, _used, _rounds) = (new ulong[size], new int[size], new int[size], new int[size]);
        Array.Clear(_counts, 0, size);
        _mask = size - 1;
    }

    /// <summary>Where the gram is, or would be.</summary>
    private int Slot(ulong gram)
    {
        var slot = (int)gram & _mask;
        while (_counts[slot] != 0 && _keys[slot] != gram)
            slot = (slot + 1) & _mask;
        return slot;
    }

    private static ulong Gram(ReadOnlySpan<ulong> words)
    {
        var hash = (ulong)words.Length;
        foreach (var word in words)
            hash = WordHashes.Mix(hash * 31 + word);
        return hash;
    }
}

using System.Numerics;

namespace Vpo.Curation.Similarity;

/// <summary>Under which keys each text is filed: its rarest runs of three words, so many that two texts that are near share one of them for certain (prefix filter, Chaudhuri et al. 2006).</summary>
/// <remarks>Keys are slots of a hash table; two runs in one slot cost time, never a result.</remarks>
internal sealed class RareTriples
{
    /// <summary>The slot of a run that no other text is filed under.</summary>
    public const int Alone = -1;

    private const int Order = 3, SlotsPerText = 8, FewestSlots = 1 << 12, MostSlots = 1 << 25;

    private readonly long[] _starts;
    private readonly int[] _slots;
    private readonly int _mask;

    public RareTriples(WordTable texts, BleuBounds bounds, int workers, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        _mask = (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((ulong)texts.Count * SlotsPerText), FewestSlots, MostSlots) - 1;
        _starts = new long[texts.Count + 1];
        for (var i = 0; i < texts.Count; i++)
            _starts[i + 1] = _starts[i] + KeysOf(texts[i].Length, bounds);
        _slots = new int[_starts[^1]];
        Choose(texts, Frequencies(texts, parallel), parallel);
        FiledIn = new int[_mask + 1];
        foreach (var slot in _slots)
            FiledIn[slot]++;
        for (var i = 0; i < _slots.Length; i++)
        {
            if (FiledIn[_slots[i]] == 1)
                (FiledIn[_slots[i]], _slots[i]) = (0, Alone);
        }
    }

    /// <summary>How many keys lead to each slot; 0 where only one would.</summary>
    public int[] FiledIn { get; }

    /// <summary>The slots of a text; <see cref="Alone"/> among them.</summary>
    public ReadOnlySpan<int> this[int text] => _slots.AsSpan((int)_starts[text], (int)(_starts[text + 1] - _starts[text]));

    private static int KeysOf(int length, BleuBounds bounds)
    {
        var need = bounds.Triples(length);
        return need == int.MaxValue ? 0 : length - Order + 1 - need + 1;
    }

    private int[] Frequencies(WordTable texts, ParallelOptions parallel)
    {
        var frequencies = new int[_mask + 1];
        Parallel.For(0, texts.Count, parallel, () => new List<ulong>(), (text, _, runs) =>
        {
            foreach (var run in Runs(texts[text], runs))
                Interlocked.Increment(ref frequencies[Slot(run)]);
            return runs;
        }, _ => { });
        return frequencies;
    }

    private void Choose(WordTable texts, int[] frequencies, ParallelOptions parallel) =>
        Parallel.For(0, texts.Count, parallel, () => new List<ulong>(), (text, _, runs) =>
        {
            var keys = _slots.AsSpan((int)_starts[text], (int)(_starts[text + 1] - _starts[text]));
            if (keys.IsEmpty)
                return runs;
            // One order for all texts: by frequency, then by hash.
            Runs(texts[text], runs).Sort((a, b) => frequencies[Slot(a)] != frequencies[Slot(b)] ? frequencies[Slot(a)].CompareTo(frequencies[Slot(b)]) : a.CompareTo(b));
            for (var i = 0; i < keys.Length; i++)
                keys[i] = Slot(runs[i]);
            return runs;
        }, _ => { });

    private int Slot(ulong run) => (int)(run >> 20) & _mask;

    /// <summary>Hashes of the runs; the second and later occurrence of a run in a text get hashes of their own.</summary>
    private static List<ulong> Runs(ReadOnlySpan<ulong> words, List<ulong> runs)
    {
        runs.Clear();
        for (var i = 0; i + Order <= words.Length; i++)
            runs.Add(WordHashes.Mix(words[i] * 31 + WordHashes.Mix(words[i + 1] * 31 + words[i + 2])));
        runs.Sort();
        return Numbered(runs);
    }

    private static List<ulong> Numbered(List<ulong> sorted)
    {
        var (previous, occurrence) = (0UL, 0UL);
        for (var i = 0; i < sorted.Count; i++)
        {
            occurrence = i > 0 && sorted[i] == previous ? occurrence + 1 : 0;
            previous = sorted[i];
            if (occurrence > 0)
                sorted[i] = WordHashes.Mix(sorted[i] + occurrence);
        }
        return sorted;
    }
}

namespace Vpo.Models.Tokenizers;

/// <summary>Byte-pair merging: the pair of lowest rank first, the leftmost of equals. Time is n log n in the length of a piece.</summary>
internal sealed class PairMerges
{
    private readonly Dictionary<long, (int Rank, int Id)> _merges;

    public PairMerges(int capacity) => _merges = new(capacity);

    /// <summary>left and right become one token.</summary>
    public void Add(int left, int right, int rank, int id) => _merges.TryAdd(Key(left, right), (rank, id));

    /// <summary>The same by text; a merge that leads out of the vocabulary is an error.</summary>
    /// <exception cref="FormatException">One of the tokens is not in the vocabulary.</exception>
    public void AddTokens(Dictionary<string, int> vocabulary, string? left, string? right, int rank)
    {
        if (left is null || right is null || !vocabulary.TryGetValue(left, out var first) || !vocabulary.TryGetValue(right, out var second)
            || !vocabulary.TryGetValue(left + right, out var id))
            throw new FormatException($"merge {rank} ('{left}' and '{right}') is not in the vocabulary.");
        Add(first, second, rank, id);
    }

    /// <summary>The pairs of ids, first the one that is merged first.</summary>
    public IEnumerable<(int Left, int Right)> InOrder() => _merges.OrderBy(m => m.Value.Rank).ThenBy(m => m.Key).Select(m => ((int)(m.Key >> 32), (int)m.Key));

    /// <summary>Merges ids in place.</summary>
    /// <returns>How many are left at the front of the span.</returns>
    public int Apply(Span<int> ids)
    {
        if (ids.Length < 2)
            return ids.Length;
        var (next, previous) = (new int[ids.Length], new int[ids.Length]);
        var queue = new PriorityQueue<(int At, int Left, int Right, int Id), (int Rank, int At)>();
        for (var i = 0; i < ids.Length; i++)
        {
            (next[i], previous[i]) = (i + 1, i - 1);
            if (i + 1 < ids.Length)
                Offer(queue, ids, i, i + 1);
        }
        while (queue.TryDequeue(out var merge, out _))
        {
            var right = next[merge.At];
            if (ids[merge.At] != merge.Left || right >= ids.Length || ids[right] != merge.Right)
                continue;   // one of the two was merged meanwhile
            (ids[merge.At], ids[right]) = (merge.Id, -1);
            next[merge.At] = next[right];
            if (next[right] < ids.Length)
            {
                previous[next[right]] = merge.At;
                Offer(queue, ids, merge.At, next[right]);
            }
            if (previous[merge.At] >= 0)
                Offer(queue, ids, previous[merge.At], merge.At);
        }
        return Compact(ids);
    }

    private void Offer(PriorityQueue<(int, int, int, int), (int, int)> queue, ReadOnlySpan<int> ids, int left, int right)
    {
        if (_merges.TryGetValue(Key(ids[left], ids[right]), out var merge))
            queue.Enqueue((left, ids[left], ids[right], merge.Id), (merge.Rank, left));
    }

    private static int Compact(Span<int> ids)
    {
        var count = 0;
        foreach (var id in ids)
        {
            if (id >= 0)
                ids[count++] = id;
        }
        return count;
    }

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;
}

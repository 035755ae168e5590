namespace Vpo.Models.Decoding;

/// <summary>The last few prompts that were read, so that a new one that begins in the same way reads only what is different.</summary>
internal sealed class PrefixCache
{
    private const int MostEntries = 4, WorthKeeping = 16, MostParts = 8;

    private readonly Lock _lock = new();
    private readonly LinkedList<(int[] Ids, Strand Strand)> _entries = new();

    /// <summary>A sequence that already holds the longest known beginning of a prompt; at least one id is left to read.</summary>
    public Strand Begin(ReadOnlySpan<int> prompt, KvShape shape)
    {
        lock (_lock)
        {
            var (best, length) = (default(LinkedListNode<(int[] Ids, Strand Strand)>), WorthKeeping - 1);
            for (var node = _entries.First; node is not null; node = node.Next)
            {
                var common = Math.Min(prompt.CommonPrefixLength(node.Value.Ids), prompt.Length - 1);
                if (common > length)
                    (best, length) = (node, common);
            }
            if (best is null)
                return new(shape);
            _entries.Remove(best);
            _entries.AddFirst(best);
            return best.Value.Strand.Fork(length);
        }
    }

    /// <summary>Keeps a prompt that has been read, if it is long enough to be worth it.</summary>
    /// <param name="prompt">Its ids.</param>
    /// <param name="strand">A sequence that begins with them.</param>
    public void Keep(ReadOnlySpan<int> prompt, Strand strand)
    {
        if (prompt.Length < WorthKeeping || strand.Parts.Count > MostParts)
            return;
        lock (_lock)
        {
            for (var node = _entries.First; node is not null; node = node.Next)
            {
                if (prompt.SequenceEqual(node.Value.Ids))
                    return;
            }
            _entries.AddFirst((prompt.ToArray(), strand.Fork(prompt.Length)));
            if (_entries.Count > MostEntries)
                _entries.RemoveLast();
        }
    }
}

namespace Vpo.Curation.Similarity;

/// <summary>What two texts must share at least for BLEU-4 to reach a threshold in one of both directions. Follows from clipped counts that can't grow with the order.</summary>
internal sealed class BleuBounds
{
    /// <summary>BLEU-4 of a shorter text is 0 (NLTK without smoothing: about 1e-78), so it repeats nothing.</summary>
    public const int ShortestText = 4;

    /// <summary>Lengths up to which needs of pairs are tabled.</summary>
    public const int Tabled = 128;

    /// <summary>In the table: no text of these lengths can be near.</summary>
    public const byte Never = byte.MaxValue;

    private const int Orders = 4;
    private readonly byte[] _words = new byte[Tabled * Tabled], _pairs = new byte[Tabled * Tabled];
    private readonly Dictionary<int, int> _triples = [];

    public BleuBounds(double threshold)
    {
        Threshold = threshold;
        for (var a = 0; a < Tabled; a++)
        {
            for (var b = 0; b < Tabled; b++)
            {
                _words[a * Tabled + b] = ToByte(Need(1, a, b));
                _pairs[a * Tabled + b] = ToByte(Need(2, a, b));
            }
        }
    }

    public double Threshold { get; }

    /// <summary>Least number of shared words of two texts that are shorter than <see cref="Tabled"/>, by [a × Tabled + b].</summary>
    public ReadOnlySpan<byte> Words => _words;

    /// <summary>Least number of shared pairs of neighbouring words.</summary>
    public ReadOnlySpan<byte> Pairs => _pairs;

    /// <summary>Least number of threes of neighbouring words that a text of this length shares with any text that it is near to; int.MaxValue when it can't be near to any. Not safe for concurrent use.</summary>
    public int Triples(int length)
    {
        if (length < ShortestText)
            return int.MaxValue;
        if (!_triples.TryGetValue(length, out var need))
            _triples.Add(length, need = Enumerable.Range(Shortest(length), Longest(length) - Shortest(length) + 1).Min(other => Need(3, length, other)));
        return need;
    }

    /// <summary>Whether texts of these lengths with these shared counts reach the threshold in the direction hypothesis to reference; -1 stands for a count not yet known.</summary>
    public bool CanReach(int hypothesis, int reference, ReadOnlySpan<int> shared)
    {
        if (hypothesis < ShortestText || reference < ShortestText)
            return false;
        var product = 1.0;
        var most = Math.Min(hypothesis, reference);
        for (var n = 0; n < Orders; n++)
        {
            most = Math.Min(most, Math.Min(hypothesis, reference) - n);
            most = n < shared.Length && shared[n] >= 0 ? Math.Min(most, shared[n]) : most;
            product *= most / (double)(hypothesis - n);
        }
        var penalty = hypothesis > reference ? 1 : Math.Exp(1 - reference / (double)hypothesis);
        return penalty * Math.Pow(Math.Max(0, product), 1.0 / Orders) >= Threshold - 1e-9;
    }

    /// <summary>A brevity penalty below the threshold, or too few words in the reference, rule a length out; a word more for rounding.</summary>
    private int Longest(int length) => (int)Math.Ceiling(length * Math.Max(1 - Math.Log(Threshold), 1 / Threshold)) + 1;

    private int Shortest(int length) => Math.Max(ShortestText, (int)(length / Math.Max(1 - Math.Log(Threshold), 1 / Threshold)) - 1);

    /// <summary>By halving: more shared runs never lower what can be reached.</summary>
    private int Need(int order, int a, int b)
    {
        Span<int> shared = [-1, -1, -1];
        var (low, high) = (1, Math.Min(a, b) - order + 2);   // high: one more than there can be
        while (low < high)
        {
            var middle = (low + high) / 2;
            shared[order - 1] = middle;
            if (CanReach(a, b, shared[..order]) || CanReach(b, a, shared[..order]))
                high = middle;
            else
                low = middle + 1;
        }
        return low <= Math.Min(a, b) - order + 1 ? low : int.MaxValue;
    }

    private static byte ToByte(int need) => (byte)Math.Min(need, Never);
}

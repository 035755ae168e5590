namespace Vpo.Queries;

/// <summary>Sentence BLEU (Papineni et al. 2002): clipped n-gram precisions, geometric mean, brevity penalty. Pure functions of words.</summary>
public static class Bleu
{
    private const double SmallestNormal = 2.2250738585072014e-308;
    private const double Floor = 0.1;

    /// <summary>The words of a text as NLTK users take them: lower case, split at white space, punctuation stays on its word.</summary>
    public static string[] Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>How much of a hypothesis occurs in the references.</summary>
    /// <param name="hypothesis">Its words.</param>
    /// <param name="references">At least one; of equally close lengths the shorter counts.</param>
    /// <param name="options">Null: as NLTK.</param>
    /// <returns>From 0 to 1.</returns>
    public static double Sentence(IReadOnlyList<string> hypothesis, IReadOnlyList<IReadOnlyList<string>> references, BleuOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(references);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxOrder, 1);
        if (references.Count == 0)
            throw new ArgumentException("expected at least one reference, found none", nameof(references));
        var counts = Enumerable.Range(1, options.MaxOrder).Select(n => Matches(hypothesis, references, n)).ToArray();
        var closest = references.Select(r => r.Count).OrderBy(r => Math.Abs(r - hypothesis.Count)).ThenBy(r => r).First();
        return FromCounts(counts, hypothesis.Count, closest, options);
    }

    /// <summary>From the matched and all n-grams of each order.</summary>
    internal static double FromCounts((int Matched, int Total)[] counts, int length, int reference, BleuOptions options)
    {
        if (counts[0].Matched == 0)
            return 0;
        var precisions = Smoothed(counts, options);
        if (precisions.Contains(0))
            return 0;
        return BrevityPenalty(length, reference) * Math.Exp(precisions.Sum(Math.Log) / precisions.Count);
    }

    private static (int Matched, int Total) Matches(IReadOnlyList<string> hypothesis, IReadOnlyList<IReadOnlyList<string>> references, int order)
    {
        var most = new Dictionary<string, int>();
        foreach (var reference in references)
        {
            foreach (var (gram, count) in Grams(reference, order))
                most[gram] = Math.Max(count, most.GetValueOrDefault(gram));
        }
        var grams = Grams(hypothesis, order);
        return (grams.Sum(g => Math.Min(g.Value, most.GetValueOrDefault(g.Key))), Math.Max(0, hypothesis.Count - order + 1));
    }

    private static Dictionary<string, int> Grams(IReadOnlyList<string> words, int order)
    {
        var counts = new Dictionary<string, int>();
        for (var i = 0; i + order <= words.Count; i++)
        {
            var gram = string.Join(' ', words.Skip(i).Take(order));
            counts[gram] = counts.GetValueOrDefault(gram) + 1;
        }
        return counts;
    }

    private static List<double> Smoothed((int Matched, int Total)[] counts, BleuOptions options)
    {
        var precisions = new List<double>();
        var zeros = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            var (matched, total) = counts[i];
            if (options.Smoothing == BleuSmoothing.AddOne && i > 0)
                (matched, total) = (matched + 1, (options.ShortText == BleuShortText.OneMiss ? Math.Max(1, total) : total) + 1);
            else if (total == 0 && options.ShortText == BleuShortText.LeaveOut)
                break;
            else if (total == 0 && options.ShortText == BleuShortText.Zero)
                return [0];
            precisions.Add(matched > 0 ? matched / (double)total : Instead(options.Smoothing, Math.Max(1, total), ref zeros));
        }
        return precisions;
    }

    /// <summary>What stands for a precision without a match.</summary>
    private static double Instead(BleuSmoothing smoothing, int total, ref int zeros) => smoothing switch
    {
        BleuSmoothing.None => SmallestNormal,
        BleuSmoothing.Floor => Floor / total,
        BleuSmoothing.Exponential => 1 / (Math.Pow(2, ++zeros) * total),
        _ => 0,
    };

    private static double BrevityPenalty(int length, int closest) => length > closest ? 1 : Math.Exp(1 - closest / (double)length);
}

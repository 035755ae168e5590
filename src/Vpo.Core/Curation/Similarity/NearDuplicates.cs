namespace Vpo.Curation.Similarity;

/// <summary>Keeps a text unless it is near to one that comes before it and was kept.</summary>
/// <remarks>
/// The outcome depends on the texts and their order alone: the search finds every near text that there is, and blocks, threads and hash tables only share out the work.
/// Memory and time grow with the texts that are kept, not with the pairs that are near.
/// </remarks>
internal static class NearDuplicates
{
    /// <summary>In the result: the text was kept.</summary>
    public const int Kept = -1;

    private const int BlockSize = 8192, PartBlock = 64;

    /// <summary>For each text <see cref="Kept"/>, or the first kept text that it is near to.</summary>
    /// <param name="table">The texts in the order in which they take precedence.</param>
    /// <param name="threshold">Two texts are near when BLEU-4 in one of the directions is at least this, and their wishes are alike.</param>
    /// <param name="given">So many of the first are kept in any case: texts that the others are compared with.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="progress">Hears of every block.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static int[] Find(WordTable table, double threshold, int given, int workers, Action<int>? progress, CancellationToken cancellationToken)
    {
        var bounds = new BleuBounds(threshold);
        var keys = new RareTriples(table, bounds, workers, cancellationToken);
        var index = new NearIndex(table, bounds, keys);
        var repeats = new int[table.Count];
        Array.Fill(repeats, Kept);
        for (var i = 0; i < given; i++)
            index.Add(i);
        var own = new Scratch(table, bounds);
        for (var start = given; start < table.Count; start += BlockSize)
        {
            var end = Math.Min(start + BlockSize, table.Count);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
            Parallel.For(start, end, parallel, () => new Scratch(table, bounds), (text, _, scratch) =>
            {
                repeats[text] = index.FirstNear(text, 0, scratch.Grams, scratch.Candidates);
                return scratch;
            }, _ => { });
            for (var text = start; text < end; text++)
            {
                if (repeats[text] == Kept && (repeats[text] = index.FirstNear(text, start, own.Grams, own.Candidates)) == Kept)
                    index.Add(text);
            }
            progress?.Invoke(end - start);
        }
        return repeats;
    }

    /// <summary>The same for the texts of one part of the work: (text, first kept text that it is near to), without those that are kept. All parts together say what <see cref="Find"/> says.</summary>
    public static IReadOnlyList<(int Text, int Original)> FindPart(WordTable table, double threshold, int given, Storage.Shard shard, int workers, Action<int>? progress, CancellationToken cancellationToken)
    {
        var decisions = new NearDecisions(table, threshold, given, workers, cancellationToken);
        int[] own = [.. shard.Of([.. Enumerable.Range(given, table.Count - given)], PartBlock)];
        var repeats = new int[own.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
        for (var start = 0; start < own.Length; start += BlockSize)
        {
            var end = Math.Min(start + BlockSize, own.Length);
            Parallel.For(start, end, parallel, decisions.NewGrams, (i, _, grams) =>
            {
                repeats[i] = decisions.Of(own[i], grams);
                return grams;
            }, _ => { });
            progress?.Invoke(end - start);
        }
        return [.. own.Zip(repeats).Where(r => r.Second != Kept)];
    }

    /// <summary>What one thread needs.</summary>
    private sealed class Scratch(WordTable texts, BleuBounds bounds)
    {
        public SharedGrams Grams { get; } = new(texts, bounds);

        public List<int> Candidates { get; } = [];
    }
}

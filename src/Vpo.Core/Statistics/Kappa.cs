namespace Vpo.Statistics;

/// <summary>How far a disagreement counts in a weighted kappa.</summary>
public enum KappaWeights
{
    /// <summary>Every disagreement counts the same.</summary>
    None,

    /// <summary>By the distance of the categories.</summary>
    Linear,

    /// <summary>By the squared distance.</summary>
    Quadratic,
}

/// <summary>Agreement of raters beyond chance: 1 is perfect, 0 is chance.</summary>
public static class Kappa
{
    /// <summary>How often two raters gave each pair of categories.</summary>
    /// <param name="first">The first rater's categories, from 0.</param>
    /// <param name="second">The second's, of the same items.</param>
    /// <param name="categories">How many categories there are.</param>
    /// <returns>[first, second] counts.</returns>
    public static int[,] Table(IReadOnlyList<int> first, IReadOnlyList<int> second, int categories)
    {
        if (first.Count != second.Count)
            throw new ArgumentException($"expected both raters' category of every item, found {first.Count} and {second.Count}", nameof(second));
        var table = new int[categories, categories];
        for (var i = 0; i < first.Count; i++)
            table[InRange(first[i], categories), InRange(second[i], categories)]++;
        return table;
    }

    /// <summary>How many raters put each item into each category.</summary>
    /// <param name="votes">For each item its raters' categories, from 0.</param>
    /// <param name="categories">How many categories there are.</param>
    public static int[][] Counts(IEnumerable<IEnumerable<int>> votes, int categories) => [.. votes.Select(item =>
    {
        var counts = new int[categories];
        foreach (var vote in item)
            counts[InRange(vote, categories)]++;
        return counts;
    })];

    /// <summary>Cohen's kappa of two raters (Cohen 1960, weighted 1968).</summary>
    /// <returns>The value; without weights the interval is from the asymptotic variance (Fleiss, Cohen and Everitt 1969), with weights it has no width. Both NaN if both raters always gave one and the same category.</returns>
    public static Estimate Cohen(int[,] table, KappaWeights weights = KappaWeights.None, double confidence = 0.95)
    {
        var (n, row, column) = Margins(table);
        double observed = 0, expected = 0;
        for (var i = 0; i < row.Length; i++)
        {
            for (var j = 0; j < row.Length; j++)
            {
                double weight = weights switch { KappaWeights.None => i == j ? 0 : 1, KappaWeights.Linear => Math.Abs(i - j), _ => (i - j) * (i - j) };
                observed += weight * table[i, j] / n;
                expected += weight * row[i] * column[j];
            }
        }
        var kappa = 1 - observed / expected;
        var half = weights == KappaWeights.None ? NormalDistribution.Quantile(1 - (1 - confidence) / 2) * CohenDeviation(table) : 0;
        return new(kappa, kappa - half, kappa + half, (int)n);
    }

    /// <summary>The standard deviation of Cohen's unweighted kappa (Fleiss, Cohen and Everitt 1969).</summary>
    public static double CohenDeviation(int[,] table)
    {
        var (n, row, column) = Margins(table);
        double agreed = 0, chance = 0;
        for (var i = 0; i < row.Length; i++)
            (agreed, chance) = (agreed + table[i, i] / n, chance + row[i] * column[i]);
        var kappa = (agreed - chance) / (1 - chance);
        double a = 0, b = 0;
        for (var i = 0; i < row.Length; i++)
        {
            a += table[i, i] / n * Math.Pow(1 - (row[i] + column[i]) * (1 - kappa), 2);
            for (var j = 0; j < row.Length; j++)
                b += i == j ? 0 : table[i, j] / n * Math.Pow(column[i] + row[j], 2);
        }
        var c = Math.Pow(kappa - chance * (1 - kappa), 2);
        return Math.Sqrt((a + b * (1 - kappa) * (1 - kappa) - c) / n) / (1 - chance);
    }

    /// <summary>Fleiss' kappa of several raters (Fleiss 1971).</summary>
    /// <param name="counts">For each item how many raters chose each category; the same number of raters for every item.</param>
    public static double Fleiss(IReadOnlyList<int[]> counts)
    {
        var raters = Raters(counts);
        var chance = Enumerable.Range(0, counts[0].Length).Sum(c => Math.Pow(counts.Sum(i => i[c]) / ((double)counts.Count * raters), 2));
        return (MeanAgreement(counts, raters) - chance) / (1 - chance);
    }

    /// <summary>Randolph's kappa (2005): like Fleiss', with every category equally likely by chance; for raters who are free to use a category as often as they like.</summary>
    /// <param name="counts">For each item how many raters chose each category.</param>
    public static double Randolph(IReadOnlyList<int[]> counts)
    {
        var chance = 1.0 / counts[0].Length;
        return (MeanAgreement(counts, Raters(counts)) - chance) / (1 - chance);
    }

    private static double MeanAgreement(IReadOnlyList<int[]> counts, int raters) =>
        counts.Average(item => (item.Sum(c => (double)c * c) - raters) / ((double)raters * (raters - 1)));

    private static int Raters(IReadOnlyList<int[]> counts)
    {
        var raters = counts.Count > 0 ? counts[0].Sum() : 0;
        if (raters < 2 || counts.Any(c => c.Sum() != raters))
            throw new ArgumentException("expected at least two raters, the same number for every item", nameof(counts));
        return raters;
    }

    private static (double Count, double[] Row, double[] Column) Margins(int[,] table)
    {
        var size = table.GetLength(0);
        if (size < 2 || table.GetLength(1) != size)
            throw new ArgumentException($"expected a square table of at least two categories, found {size}x{table.GetLength(1)}", nameof(table));
        double n = table.Cast<int>().Sum();
        double Row(int i) => Enumerable.Range(0, size).Sum(j => table[i, j]) / n;
        double Column(int j) => Enumerable.Range(0, size).Sum(i => table[i, j]) / n;
        return (n, [.. Enumerable.Range(0, size).Select(Row)], [.. Enumerable.Range(0, size).Select(Column)]);
    }

    private static int InRange(int category, int categories) => category >= 0 && category < categories ? category
        : throw new ArgumentException($"expected categories from 0 to {categories - 1}, found {category}");
}

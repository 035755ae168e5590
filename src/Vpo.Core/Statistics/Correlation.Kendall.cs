namespace Vpo.Statistics;

public static partial class Correlation
{
    private const int ExactUpTo = 33;

    /// <summary>Kendall's tau-b: agreeing minus disagreeing pairs, corrected for ties on both sides.</summary>
    /// <remarks>The p-value is exact without ties up to 33 items (Kendall 1970), of the normal approximation with ties' correction otherwise. O(n²).</remarks>
    public static CorrelationResult KendallB(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Check(x, y);
        var (score, tiesX, tiesY, pairs) = Pairs(x, y);
        var value = score / Math.Sqrt(pairs - tiesX) / Math.Sqrt(pairs - tiesY);
        return double.IsFinite(value) ? new(Math.Clamp(value, -1, 1), KendallP(x, y, score)) : new(double.NaN, double.NaN);
    }

    /// <summary>Stuart's tau-c: for tables that are not square, such as a score of many values against a rating of five.</summary>
    public static CorrelationResult KendallC(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Check(x, y);
        double n = x.Count, classes = Math.Min(x.Distinct().Count(), y.Distinct().Count());
        if (classes < 2)
            return new(double.NaN, double.NaN);
        var score = Pairs(x, y).Score;
        return new(Math.Clamp(2 * score / (n * n * (classes - 1) / classes), -1, 1), KendallP(x, y, score));
    }

    private static (double Score, double TiesX, double TiesY, double Count) Pairs(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        long score = 0, tiesX = 0, tiesY = 0;
        for (var i = 0; i < x.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (x[i].CompareTo(x[j]), y[i].CompareTo(y[j]));
                score += Math.Sign(a) * Math.Sign(b);
                tiesX += a == 0 ? 1 : 0;
                tiesY += b == 0 ? 1 : 0;
            }
        }
        return (score, tiesX, tiesY, x.Count * (x.Count - 1L) / 2);
    }

    private static double KendallP(IReadOnlyList<double> x, IReadOnlyList<double> y, double score)
    {
        double n = x.Count, pairs = n * (n - 1) / 2;
        double[] tiesX = Ties(x), tiesY = Ties(y);
        var fewest = (pairs - Math.Abs(score)) / 2;
        if (tiesX.Length == 0 && tiesY.Length == 0 && (n <= ExactUpTo || fewest <= 1))
            return ExactP((int)n, (int)fewest);
        double Sum(double[] ties, Func<double, double> term) => ties.Sum(term);
        var m = n * (n - 1);
        var (x0, y0) = (Sum(tiesX, t => t * (t - 1)) / 2, Sum(tiesY, t => t * (t - 1)) / 2);
        var (x1, y1) = (Sum(tiesX, t => t * (t - 1) * (2 * t + 5)), Sum(tiesY, t => t * (t - 1) * (2 * t + 5)));
        var (x2, y2) = (Sum(tiesX, t => t * (t - 1) * (t - 2)), Sum(tiesY, t => t * (t - 1) * (t - 2)));
        var variance = (m * (2 * n + 5) - x1 - y1) / 18 + 2 * x0 * y0 / m + (n > 2 ? x2 * y2 / (9 * m * (n - 2)) : 0);
        return NormalDistribution.TwoSided(score / Math.Sqrt(variance));
    }

    private static double[] Ties(IReadOnlyList<double> values) =>
        [.. values.GroupBy(v => v).Select(g => (double)g.Count()).Where(c => c > 1)];

    // Permutations of n items with at most `inversions` inversions, of all n!; shares instead of counts, so that nothing overflows.
    private static double ExactP(int n, int inversions)
    {
        if (4L * inversions == (long)n * (n - 1))
            return 1;
        var shares = new double[inversions + 1];
        shares[0] = 1;
        for (var items = 2; items <= n; items++)
        {
            var next = new double[shares.Length];
            var window = 0.0;
            for (var k = 0; k < next.Length; k++)
            {
                window += shares[k] - (k >= items ? shares[k - items] : 0);
                next[k] = window / items;
            }
            shares = next;
        }
        return Math.Min(1, 2 * shares.Sum());
    }
}

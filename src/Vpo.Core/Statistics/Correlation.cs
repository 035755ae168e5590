namespace Vpo.Statistics;

/// <summary>A correlation with its two-sided p-value.</summary>
/// <param name="Value">From −1 to 1; NaN where one side is constant.</param>
/// <param name="PValue">The chance of a value at least this far from 0 if the two sides were unrelated; NaN where the value is, or where it is not computed.</param>
public readonly record struct CorrelationResult(double Value, double PValue);

/// <summary>Correlations of two series, as scipy.stats computes them.</summary>
public static partial class Correlation
{
    /// <summary>Pearson's r; the p-value is of the t distribution with n − 2 degrees of freedom (n > 2).</summary>
    public static CorrelationResult Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Check(x, y);
        double meanX = x.Average(), meanY = y.Average(), xy = 0, xx = 0, yy = 0;
        for (var i = 0; i < x.Count; i++)
        {
            var (dx, dy) = (x[i] - meanX, y[i] - meanY);
            (xy, xx, yy) = (xy + dx * dy, xx + dx * dx, yy + dy * dy);
        }
        if (xx == 0 || yy == 0)
            return new(double.NaN, double.NaN);
        var r = Math.Clamp(xy / Math.Sqrt(xx) / Math.Sqrt(yy), -1, 1);
        var freedom = x.Count - 2;
        // P(|t| >= t0) with t0^2 = r^2 f / (1 - r^2) is I_{1 - r^2}(f/2, 1/2).
        return new(r, freedom > 0 ? SpecialFunctions.IncompleteBeta(freedom / 2.0, 0.5, (1 - r) * (1 + r)) : 1);
    }

    /// <summary>Spearman's rho: Pearson's r of the ranks, ties taking their mean rank.</summary>
    public static CorrelationResult Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Check(x, y);
        return Pearson(Ranks(x), Ranks(y));
    }

    /// <summary>Ranks from 1; equal values share the mean of their ranks.</summary>
    public static double[] Ranks(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        var ranks = new double[values.Count];
        for (var i = 0; i < order.Length;)
        {
            var end = i + 1;
            while (end < order.Length && values[order[end]] == values[order[i]])
                end++;
            for (var k = i; k < end; k++)
                ranks[order[k]] = (i + 1 + end) / 2.0;
            i = end;
        }
        return ranks;
    }

    private static void Check(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count || x.Count < 2)
            throw new ArgumentException($"expected two series of the same length, at least 2, found {x.Count} and {y.Count}", nameof(y));
        if (x.Any(double.IsNaN) || y.Any(double.IsNaN))
            throw new ArgumentException("a value is not a number: leave out what could not be scored");
    }
}

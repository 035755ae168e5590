namespace Vpo.Statistics;

/// <summary>Quantiles with linear interpolation at position q·(n−1) of the sorted values: numpy's default (Hyndman and Fan's type 7).</summary>
public static class Quantile
{
    /// <summary>One quantile.</summary>
    /// <param name="values">Any order; at least one.</param>
    /// <param name="q">From 0 (the least) to 1 (the greatest).</param>
    public static double Of(IEnumerable<double> values, double q) => OfSorted([.. values.Order()], q);

    internal static double OfSorted(ReadOnlySpan<double> sorted, double q)
    {
        if (sorted.Length == 0)
            throw new ArgumentException("expected at least one value, found none", nameof(sorted));
        if (q is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(q), q, "expected a number from 0 to 1");
        var position = q * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    }
}

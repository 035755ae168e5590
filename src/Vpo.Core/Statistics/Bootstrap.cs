namespace Vpo.Statistics;

/// <summary>How to resample.</summary>
public sealed record BootstrapOptions
{
    /// <summary>How many resamples; 10,000 unless said otherwise.</summary>
    public int Resamples { get; init; } = 10_000;

    /// <summary>Coverage of the interval, between 0 and 1.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>The same seed and data give the same interval on every machine.</summary>
    public int Seed { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Resamples);
        if (Confidence is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(Confidence), Confidence, "expected a number between 0 and 1, such as 0.95");
    }
}

/// <summary>Percentile bootstrap (Efron 1979): intervals without assuming a distribution.</summary>
public static class Bootstrap
{
    /// <summary>The mean with its interval.</summary>
    /// <param name="values">One value an independent item (average several clips of one query first). At least one; one alone gives an interval of no width.</param>
    /// <param name="options">How to resample.</param>
    /// <exception cref="ArgumentException">No value, or one that is not finite: leave out what could not be scored, and say so.</exception>
    public static Estimate Mean(IReadOnlyList<double> values, BootstrapOptions? options = null)
    {
        options ??= new();
        options.Check();
        double[] data = [.. values];
        CheckFinite(data, nameof(values));
        var random = new Random(options.Seed);
        var means = new double[options.Resamples];
        for (var b = 0; b < means.Length; b++)
        {
            var sum = 0.0;
            for (var i = 0; i < data.Length; i++)
                sum += data[random.Next(data.Length)];
            means[b] = sum / data.Length;
        }
        var (low, high) = Interval(means, options.Confidence);
        return new(data.Average(), low, high, data.Length);
    }

    /// <summary>The mean of <paramref name="after"/> − <paramref name="before"/> with its interval; items are drawn in pairs, so what makes one query harder than another cancels.</summary>
    /// <param name="before">One value a query.</param>
    /// <param name="after">The same queries in the same order.</param>
    /// <param name="options">How to resample.</param>
    /// <exception cref="ArgumentException">Different lengths, no value, or one that is not finite.</exception>
    public static Estimate PairedDifference(IReadOnlyList<double> before, IReadOnlyList<double> after, BootstrapOptions? options = null)
    {
        if (before.Count != after.Count)
            throw new ArgumentException($"expected one value a query on both sides, found {before.Count} and {after.Count}", nameof(after));
        return Mean([.. before.Zip(after, (b, a) => a - b)], options);
    }

    /// <summary>The means of given resamples: for intervals that must be the same in another program.</summary>
    /// <param name="values">The data.</param>
    /// <param name="resamples">Each a list of indexes into the data.</param>
    public static double[] Means(IReadOnlyList<double> values, IEnumerable<IReadOnlyList<int>> resamples) =>
        [.. resamples.Select(r => r.Average(i => values[i]))];

    /// <summary>The ends between which the middle share of the resampled figures lies.</summary>
    /// <param name="figures">One figure a resample, any order.</param>
    /// <param name="confidence">The share, such as 0.95.</param>
    public static (double Low, double High) Interval(IReadOnlyList<double> figures, double confidence)
    {
        double[] sorted = [.. figures.Order()];
        var tail = (1 - confidence) / 2;
        return (Quantile.OfSorted(sorted, tail), Quantile.OfSorted(sorted, 1 - tail));
    }

    private static void CheckFinite(double[] data, string name)
    {
        if (data.Length == 0)
            throw new ArgumentException("expected at least one value, found none", name);
        var bad = Array.FindIndex(data, v => !double.IsFinite(v));
        if (bad >= 0)
            throw new ArgumentException($"expected finite values, found {data[bad]} at {bad}", name);
    }
}

namespace Vpo.Statistics;

/// <summary>The mean over a few independent runs with Student's t interval: what a table over seeds prints.</summary>
public static class SeedInterval
{
    private const int Halvings = 200;

    /// <summary>The mean with its interval.</summary>
    /// <param name="values">One figure a run; at least one, all finite. A single one gets an interval without width.</param>
    /// <param name="confidence">Coverage, between 0 and 1; default 0.95.</param>
    public static Estimate Mean(IReadOnlyList<double> values, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0 || values.Any(v => !double.IsFinite(v)))
            throw new ArgumentException("expected at least one figure, all of them finite", nameof(values));
        var mean = values.Average();
        if (values.Count == 1)
            return new(mean, mean, mean, 1);
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        var half = Quantile(confidence, values.Count - 1) * deviation / Math.Sqrt(values.Count);
        return new(mean, mean - half, mean + half, values.Count);
    }

    /// <summary>The t with P(|T| &lt; t) = confidence for so many degrees of freedom, by halving; P(|T| &gt; t) = I_{d/(d+t²)}(d/2, ½).</summary>
    internal static double Quantile(double confidence, int degrees)
    {
        if (confidence is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "must be between 0 and 1");
        double low = 0, high = 1e6;
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            var outside = SpecialFunctions.IncompleteBeta(degrees / 2.0, 0.5, degrees / (degrees + middle * middle));
            (low, high) = outside > 1 - confidence ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }
}

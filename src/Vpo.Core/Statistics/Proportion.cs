namespace Vpo.Statistics;

/// <summary>Shares of a count.</summary>
public static class Proportion
{
    /// <summary>Wilson's score interval (Wilson 1927): sound for small counts and near 0 and 1, where ±1.96·s is not.</summary>
    /// <param name="successes">From 0 to <paramref name="count"/>; half a success (a tie shared) is allowed.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="confidence">Coverage, between 0 and 1.</param>
    public static Estimate Wilson(double successes, int count, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!(successes >= 0 && successes <= count))
            throw new ArgumentOutOfRangeException(nameof(successes), successes, $"expected 0 to {count}");
        if (confidence is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "expected a number between 0 and 1, such as 0.95");
        var z = NormalDistribution.Quantile(1 - (1 - confidence) / 2);
        var p = successes / count;
        var scale = 1 + z * z / count;
        var centre = (p + z * z / (2 * count)) / scale;
        var half = z / scale * Math.Sqrt(p * (1 - p) / count + z * z / (4.0 * count * count));
        // At 0 and at all the exact ends are 0 and 1; rounding may miss them by 1e-17.
        return new(p, successes == 0 ? 0 : Math.Max(0, centre - half), successes == count ? 1 : Math.Min(1, centre + half), count);
    }

    /// <summary>The two-sided sign test: the chance of a split at least this uneven if wins and losses were equally likely (exact binomial; ties are left out).</summary>
    public static double SignTest(int wins, int losses)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(wins);
        ArgumentOutOfRangeException.ThrowIfNegative(losses);
        var n = wins + losses;
        var tail = 0.0;
        for (var k = 0; k <= Math.Min(wins, losses); k++)
            tail += Math.Exp(SpecialFunctions.LogGamma(n + 1) - SpecialFunctions.LogGamma(k + 1) - SpecialFunctions.LogGamma(n - k + 1) - n * Math.Log(2));
        return Math.Min(1, 2 * tail);
    }
}

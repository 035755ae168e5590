namespace Vpo.Statistics;

/// <summary>Functions behind the p-values, to about 1e-13 relative.</summary>
internal static class SpecialFunctions
{
    private const double Tiny = 1e-300, Epsilon = 1e-16;
    private const int MostTerms = 10_000;

    // Lanczos' approximation with g = 7 and nine terms (Godfrey's coefficients).
    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>ln Γ(x) for x > 0.</summary>
    public static double LogGamma(double x)
    {
        if (x < 0.5)
            return Math.Log(Math.PI / Math.Sin(Math.PI * x)) - LogGamma(1 - x);
        x -= 1;
        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++)
            sum += Lanczos[i] / (x + i);
        var t = x + 7.5;
        return 0.5 * Math.Log(2 * Math.PI) + (x + 0.5) * Math.Log(t) - t + Math.Log(sum);
    }

    /// <summary>The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz).</summary>
    public static double IncompleteBeta(double a, double b, double x)
    {
        if (x <= 0 || x >= 1)
            return x <= 0 ? 0 : 1;
        if (x > (a + 1) / (a + b + 2))
            return 1 - IncompleteBeta(b, a, 1 - x);
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x)) / a;
        double c = 1, d = 1 / NotZero(1 - (a + b) * x / (a + 1)), f = d;
        for (var m = 1; m < MostTerms; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / NotZero(1 + even * d);
            c = NotZero(1 + even / c);
            f *= c * d;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / NotZero(1 + odd * d);
            c = NotZero(1 + odd / c);
            f *= c * d;
            if (Math.Abs(c * d - 1) < Epsilon)
                break;
        }
        return front * f;
    }

    /// <summary>The complementary error function for x >= 0: the series of erf below 2, the continued fraction above.</summary>
    public static double Erfc(double x)
    {
        if (x >= 2)
            return ErfcTail(x);
        double term = x, sum = x;
        for (var n = 1; n < MostTerms && Math.Abs(term) > Epsilon * Math.Abs(sum); n++)
        {
            // erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): no cancellation.
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 1 - 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private static double ErfcTail(double x)
    {
        var fraction = 0.0;
        for (var k = 200; k > 0; k--)
            fraction = k / 2.0 / (x + fraction);
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (x + fraction);
    }

    private static double NotZero(double x) => Math.Abs(x) < Tiny ? Tiny : x;
}

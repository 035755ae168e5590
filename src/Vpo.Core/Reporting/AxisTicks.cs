using System.Globalization;

namespace Vpo.Reporting;

/// <summary>Round numbers for an axis: multiples of 1, 2 or 5 times a power of ten.</summary>
internal static class AxisTicks
{
    private const int Wanted = 5;

    /// <returns>The round numbers from low to high, and how many digits after the point they need.</returns>
    public static (IReadOnlyList<double> Values, string Format) Between(double low, double high)
    {
        var rough = Math.Max((high - low) / Wanted, 1e-12);
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 5, 10 }.Select(m => m * power).First(s => s >= rough * 0.999);
        var digits = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        var first = (long)Math.Ceiling(low / step - 1e-9);
        var last = (long)Math.Floor(high / step + 1e-9);
        return ([.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)], "f" + digits.ToString(CultureInfo.InvariantCulture));
    }
}

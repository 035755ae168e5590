using System.Globalization;
using System.Text;

namespace Vpo.Reporting;

/// <summary>How values spread, one row of bars a group on a common scale, as SVG.</summary>
public static class Histogram
{
    private const int Width = 640, RowHeight = 46, Left = 190, Right = 60, Bottom = 22, Bins = 20;

    /// <summary>Draws the groups from top to bottom; empty without values.</summary>
    /// <param name="title">Read out by screen readers.</param>
    /// <param name="groups">Names with values; each row is scaled to its own highest bar, since shapes are compared.</param>
    public static string Draw(string title, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var shown = groups.Where(g => g.Values.Count > 0).ToList();
        if (shown.Count == 0)
            return "";
        double low = shown.Min(g => g.Values.Min()), high = shown.Max(g => g.Values.Max());
        if (high - low < 1e-9)
            (low, high) = (low - 0.5, high + 0.5);
        var height = RowHeight * shown.Count + Bottom;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"chart wide\" viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Html.Escape(title)}\">");
        var (ticks, format) = AxisTicks.Between(low, high);
        foreach (var tick in ticks)
        {
            var x = Left + (tick - low) / (high - low) * (Width - Left - Right);
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{x:f1}\" x2=\"{x:f1}\" y1=\"0\" y2=\"{height - Bottom}\"/><text x=\"{x:f1}\" y=\"{height - 6}\" text-anchor=\"middle\">{tick.ToString(format, CultureInfo.InvariantCulture)}</text>");
        }
        for (var i = 0; i < shown.Count; i++)
            Row(svg, shown[i], RowHeight * (i + 1), (low, high));
        return svg.Append("</svg>").ToString();
    }

    private static void Row(StringBuilder svg, (string Name, IReadOnlyList<double> Values) group, int floor, (double Low, double High) range)
    {
        var counts = new int[Bins];
        foreach (var value in group.Values)
            counts[Math.Min(Bins - 1, (int)((value - range.Low) / (range.High - range.Low) * Bins))]++;
        var bar = (Width - Left - Right) / (double)Bins;
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"name\" x=\"{Left - 12}\" y=\"{floor - 8}\" text-anchor=\"end\">{Html.Escape(group.Name)}</text><text x=\"{Width - Right + 10}\" y=\"{floor - 8}\">n={group.Values.Count}</text>");
        for (var b = 0; b < Bins; b++)
        {
            var tall = (RowHeight - 8) * counts[b] / (double)counts.Max();
            if (counts[b] > 0)
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"bar\" x=\"{Left + b * bar:f1}\" y=\"{floor - tall:f1}\" width=\"{bar - 1:f1}\" height=\"{tall:f1}\"><title>{counts[b]}</title></rect>");
        }
    }
}

using System.Globalization;
using System.Text;

namespace Vpo.Reporting;

/// <summary>One row: a mean with its interval.</summary>
/// <param name="Name">The method.</param>
/// <param name="Mean">The dot.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public sealed record IntervalRow(string Name, double Mean, double Low, double High);

/// <summary>Means with intervals on one scale, one row a method, as SVG.</summary>
public static class IntervalChart
{
    private const int Width = 640, RowHeight = 26, Left = 190, Right = 60, Top = 8, Bottom = 24;

    /// <summary>Draws the rows from top to bottom.</summary>
    /// <param name="title">Read out by screen readers.</param>
    /// <param name="rows">At least one.</param>
    public static string Draw(string title, IReadOnlyList<IntervalRow> rows)
    {
        var finite = rows.Where(r => double.IsFinite(r.Mean)).ToList();
        if (finite.Count == 0)
            return "";
        double low = finite.Min(r => r.Low), high = finite.Max(r => r.High);
        var padding = Math.Max((high - low) * 0.06, 1e-6);
        (low, high) = (low - padding, high + padding);
        double At(double value) => Left + (value - low) / (high - low) * (Width - Left - Right);

        var height = Top + Bottom + RowHeight * finite.Count;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"chart wide\" viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Html.Escape(title)}\">");
        var (ticks, format) = AxisTicks.Between(low, high);
        foreach (var value in ticks)
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{At(value):f1}\" x2=\"{At(value):f1}\" y1=\"{Top}\" y2=\"{height - Bottom}\"/><text x=\"{At(value):f1}\" y=\"{height - 8}\" text-anchor=\"middle\">{value.ToString(format, CultureInfo.InvariantCulture)}</text>");
        for (var i = 0; i < finite.Count; i++)
        {
            var (row, y) = (finite[i], Top + RowHeight * i + RowHeight / 2);
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"name\" x=\"{Left - 12}\" y=\"{y + 4}\" text-anchor=\"end\">{Html.Escape(row.Name)}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"whisker\" x1=\"{At(row.Low):f1}\" x2=\"{At(row.High):f1}\" y1=\"{y}\" y2=\"{y}\"/><circle class=\"mean\" cx=\"{At(row.Mean):f1}\" cy=\"{y}\" r=\"5\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"value\" x=\"{Width - Right + 10}\" y=\"{y + 4}\">{row.Mean:f2}</text>");
        }
        return svg.Append("</svg>").ToString();
    }
}

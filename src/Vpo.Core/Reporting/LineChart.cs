using System.Globalization;
using System.Text;

namespace Vpo.Reporting;

/// <summary>One line of a chart.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">In the order of drawing; points that are not finite leave a gap.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Lines over a common axis as SVG. Series differ by dash as well as by colour, so that it reads without colour.</summary>
public static class LineChart
{
    private const int Width = 560, Height = 240, Left = 56, Right = 12, Top = 12, Bottom = 34;
    private static readonly string[] Dashes = ["", "7 4", "2 3", "9 3 2 3", "1 5"];

    /// <summary>Draws the series; colours come from the page's style sheet (classes s0, s1, ...).</summary>
    /// <param name="title">Read out by screen readers.</param>
    /// <param name="xLabel">What the horizontal axis counts.</param>
    /// <param name="series">At most five read well.</param>
    public static string Draw(string title, string xLabel, IReadOnlyList<ChartSeries> series)
    {
        var points = series.SelectMany(s => s.Points).Where(p => double.IsFinite(p.Y)).ToList();
        if (points.Count == 0)
            return "";
        var x = Range.Of(points.Select(p => p.X));
        var y = Range.Of(points.Select(p => p.Y)).Padded();
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Escape(title)}\">");
        DrawAxes(svg, x, y, xLabel);
        for (var i = 0; i < series.Count; i++)
            DrawSeries(svg, series[i], i, x, y);
        svg.Append("</svg>").Append(Legend(series));
        return svg.ToString();
    }

    private static void DrawAxes(StringBuilder svg, Range x, Range y, string xLabel)
    {
        var (levels, format) = AxisTicks.Between(y.Low, y.High);
        foreach (var value in levels)
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{AtY(y, value):f1}\" y2=\"{AtY(y, value):f1}\"/><text x=\"{Left - 6}\" y=\"{AtY(y, value) + 4:f1}\" text-anchor=\"end\">{value.ToString(format, CultureInfo.InvariantCulture)}</text>");
        (levels, format) = AxisTicks.Between(x.Low, x.High);
        foreach (var value in levels)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{AtX(x, value):f1}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{value.ToString(format, CultureInfo.InvariantCulture)}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 3}\" text-anchor=\"middle\">{Html.Escape(xLabel)}</text>");
    }

    private static void DrawSeries(StringBuilder svg, ChartSeries series, int index, Range x, Range y)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"line s{index}\" stroke-dasharray=\"{Dashes[index % Dashes.Length]}\" d=\"");
        var drawing = false;
        foreach (var (px, py) in series.Points)
        {
            if (double.IsFinite(py))
                svg.Append(CultureInfo.InvariantCulture, $"{(drawing ? 'L' : 'M')}{AtX(x, px):f1} {AtY(y, py):f1}");
            drawing = double.IsFinite(py);
        }
        svg.Append("\"/>");
    }

    private static string Legend(IReadOnlyList<ChartSeries> series) => "<p class=\"legend\">" + string.Concat(series.Select((s, i) =>
        $"<span><svg viewBox=\"0 0 34 8\"><path class=\"line s{i}\" stroke-dasharray=\"{Dashes[i % Dashes.Length]}\" d=\"M0 4L34 4\"/></svg>{Html.Escape(s.Name)}</span>")) + "</p>";

    private static double AtX(Range x, double value) => Left + (value - x.Low) / x.Size * (Width - Left - Right);

    private static double AtY(Range y, double value) => Height - Bottom - (value - y.Low) / y.Size * (Height - Top - Bottom);

    private readonly record struct Range(double Low, double High)
    {
        public double Size => High > Low ? High - Low : 1;

        public static Range Of(IEnumerable<double> values) => values.Aggregate(new Range(double.PositiveInfinity, double.NegativeInfinity),
            (r, v) => new(Math.Min(r.Low, v), Math.Max(r.High, v)));

        public Range Padded() => new(Low - 0.05 * Size, High + 0.05 * Size);
    }
}

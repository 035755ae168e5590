using System.Globalization;
using System.Text;

namespace Vpo.Reporting;

/// <summary>One bar: how often one side won, tied and lost.</summary>
/// <param name="Name">Whose wins.</param>
/// <param name="Win">Share of wins, from 0 to 1.</param>
/// <param name="Tie">Share of ties.</param>
/// <param name="Lose">Share of losses.</param>
public sealed record OutcomeBar(string Name, double Win, double Tie, double Lose);

/// <summary>Win, tie and lose as bars of one length, as SVG; told apart by words and patterns, not by colour alone.</summary>
public static class OutcomeBars
{
    private const int Width = 640, RowHeight = 34, Left = 190, BarHeight = 22;
    private const double RoomForText = 0.14;

    /// <summary>Draws the bars from top to bottom; empty without bars.</summary>
    /// <param name="title">Read out by screen readers.</param>
    /// <param name="bars">The bars.</param>
    public static string Draw(string title, IReadOnlyList<OutcomeBar> bars)
    {
        ArgumentNullException.ThrowIfNull(bars);
        if (bars.Count == 0)
            return "";
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"chart wide\" viewBox=\"0 0 {Width} {RowHeight * bars.Count + 4}\" role=\"img\" aria-label=\"{Html.Escape(title)}\">")
            .Append("<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"/></pattern></defs>");
        for (var i = 0; i < bars.Count; i++)
            Row(svg, bars[i], 4 + RowHeight * i);
        return svg.Append("</svg>").ToString();
    }

    private static void Row(StringBuilder svg, OutcomeBar bar, int y)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"name\" x=\"{Left - 12}\" y=\"{y + 15}\" text-anchor=\"end\">{Html.Escape(bar.Name)}</text>");
        var from = 0.0;
        foreach (var (kind, share) in new[] { ("win", bar.Win), ("tie", bar.Tie), ("lose", bar.Lose) })
        {
            double x = Left + from * (Width - Left), width = share * (Width - Left);
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{kind}\" x=\"{x:f1}\" y=\"{y}\" width=\"{width:f1}\" height=\"{BarHeight}\"><title>{kind} {100 * share:0.0} %</title></rect>");
            if (share >= RoomForText)
                svg.Append(CultureInfo.InvariantCulture, $"<text class=\"on-{kind}\" x=\"{x + width / 2:f1}\" y=\"{y + 15}\" text-anchor=\"middle\">{kind} {100 * share:0} %</text>");
            from += share;
        }
    }
}

using System.Text.RegularExpressions;
using Vpo.Reporting;
using Vpo.Storage;

namespace Vpo.Training;

/// <summary>Curves of a run as SVG files that open in a browser, and as PNG files: loss, rate, gradient norm, rewards, margin and accuracy.</summary>
internal static partial class RunPlots
{
    private const string Style = "<style>text{font:11px sans-serif;fill:#5b6675}.grid{stroke:#d8dee6}.line{fill:none;stroke-width:1.8}.s0{stroke:#1f6feb}.s1{stroke:#c2410c}.s2{stroke:#0f766e}</style>";

    private static readonly (string File, string Title, (string Name, Func<TrainingPoint, double?> Value)[] Lines)[] Plots =
    [
        ("loss", "loss", [("loss", p => p.Loss)]),
        ("learning_rate", "learning rate", [("learning rate", p => p.LearningRate)]),
        ("grad_norm", "gradient norm", [("gradient norm", p => p.GradientNorm)]),
        ("rewards", "rewards", [("chosen", p => p.ChosenReward), ("rejected", p => p.RejectedReward)]),
        ("margins", "margin of rewards", [("margin", p => p.Margin)]),
        ("accuracies", "accuracy of rewards", [("accuracy", p => p.Accuracy)]),
    ];

    /// <summary>Writes the plots that the points have values for; a loss also gets its smoothed line. Where Skia's native part is missing, a text says what to add for PNG files.</summary>
    public static void Write(string folder, IReadOnlyList<TrainingPoint> points)
    {
        foreach (var (file, title, lines) in Plots)
        {
            var series = lines.Where(l => points.Any(p => l.Value(p) is not null))
                .Select(l => new ChartSeries(l.Name, [.. points.Where(p => l.Value(p) is not null).Select(p => ((double)p.Step, l.Value(p)!.Value))])).ToList();
            if (series is [var only] && file == "loss")
                series = [new("loss", only.Points), new("smoothed", Smoothed(only.Points))];
            if (series.Count > 0 && LineChart.Draw(title, "step", series) is { Length: > 0 } chart)
                Write(Path.Combine(folder, "plots"), file, AsFile(chart, title, series));
        }
    }

    private static void Write(string folder, string file, string svg)
    {
        AtomicFile.WriteText(Path.Combine(folder, file + ".svg"), svg);
        var note = Path.Combine(folder, "png-missing.txt");
        if (!PlotPicture.IsAvailable)
        {
            AtomicFile.WriteText(note, PlotPicture.Missing);
            return;
        }
        AtomicFile.Write(Path.Combine(folder, file + ".png"), stream => stream.Write(PlotPicture.Draw(svg)));
        File.Delete(note);
    }

    // LLaMA-Factory's smoothing: an exponential mean whose weight grows with the number of points.
    private static List<(double, double)> Smoothed(IReadOnlyList<(double X, double Y)> points)
    {
        var weight = 1.8 * (1 / (1 + Math.Exp(-0.05 * points.Count)) - 0.5);
        var last = points[0].Y;
        return [.. points.Select(p => (p.X, last = weight * last + (1 - weight) * p.Y))];
    }

    // The chart is made for a page: as a file it needs its name space, its style and its legend inside. Dashes are those of the page's legend.
    private static string AsFile(string chart, string title, IReadOnlyList<ChartSeries> series)
    {
        var end = chart.IndexOf("</svg>", StringComparison.Ordinal);
        var dashes = Dashes().Matches(chart[end..]);
        var legend = string.Concat(series.Select((s, i) => (X: 70 + 120 * i, s.Name, Dashes: dashes[i].Value)).Select((s, i) => $"<path class=\"line s{i}\" {s.Dashes} d=\"M{s.X} 6L{s.X + 22} 6\"/><text x=\"{s.X + 28}\" y=\"10\">{s.Name}</text>"));
        return chart[..end].Replace("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", StringComparison.Ordinal) + $"<title>{title}</title>{Style}{legend}</svg>\n";
    }

    [GeneratedRegex("stroke-dasharray=\"[^\"]*\"", RegexOptions.CultureInvariant)]
    private static partial Regex Dashes();
}

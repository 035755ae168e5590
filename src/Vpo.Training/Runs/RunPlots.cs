using Vpo.Reporting;
using Vpo.Storage;

namespace Vpo.Training;

/// <summary>Curves of a run as SVG files that open in a browser: loss, rate, gradient norm, rewards, margin and accuracy.</summary>
internal static class RunPlots
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

    /// <summary>Writes the plots that the points have values for; a loss also gets its smoothed line.</summary>
    public static void Write(string folder, IReadOnlyList<TrainingPoint> points)
    {
        foreach (var (file, title, lines) in Plots)
        {
            var series = lines.Where(l => points.Any(p => l.Value(p) is not null))
                .Select(l => new ChartSeries(l.Name, [.. points.Where(p => l.Value(p) is not null).Select(p => ((double)p.Step, l.Value(p)!.Value))])).ToList();
            if (series is [var only] && file == "loss")
                series = [new("loss", only.Points), new("smoothed", Smoothed(only.Points))];
            if (series.Count > 0 && LineChart.Draw(title, "step", series) is { Length: > 0 } chart)
                AtomicFile.WriteText(Path.Combine(folder, "plots", file + ".svg"), AsFile(chart, title, series));
        }
    }

    // LLaMA-Factory's smoothing: an exponential mean whose weight grows with the number of points.
    private static List<(double, double)> Smoothed(IReadOnlyList<(double X, double Y)> points)
    {
        var weight = 1.8 * (1 / (1 + Math.Exp(-0.05 * points.Count)) - 0.5);
        var last = points[0].Y;
        return [.. points.Select(p => (p.X, last = weight * last + (1 - weight) * p.Y))];
    }

    // The chart is made for a page: as a file it needs its name space, its style and its legend inside.
    private static string AsFile(string chart, string title, IReadOnlyList<ChartSeries> series)
    {
        var svg = chart[..chart.IndexOf("</svg>", StringComparison.Ordinal)];
        var legend = string.Concat(series.Select((s, i) => $"<text x=\"{70 + 120 * i}\" y=\"10\" class=\"name\"><tspan style=\"fill:{new[] { "#1f6feb", "#c2410c", "#0f766e" }[i % 3]}\">■ </tspan>{s.Name}</text>"));
        return svg.Replace("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", StringComparison.Ordinal) + $"<title>{title}</title>{Style}{legend}</svg>\n";
    }
}

using Vpo.Reporting;

namespace Vpo.Cli.Benchmarks;

/// <summary>A benchmark's table, for standard output and for a report.</summary>
/// <param name="Title">Its heading in a report.</param>
/// <param name="Headers">As many as a row has cells.</param>
/// <param name="Rows">Cells.</param>
/// <param name="Notes">What must be known to read it.</param>
internal sealed record BenchmarkTable(string Title, IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<string> Notes)
{
    /// <summary>What went wrong, worst first: a report begins with it.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>Means with intervals to be drawn in a report; may be empty.</summary>
    public IReadOnlyList<IntervalRow> Means { get; init; } = [];

    /// <summary>On standard output.</summary>
    public void Write()
    {
        TextTable.Write(Headers, Rows);
        foreach (var note in Notes)
            Console.WriteLine(note);
    }

    /// <summary>As a section of a page.</summary>
    public void AddTo(HtmlReport page)
    {
        page.Section(Title);
        if (Failures.Count > 0)
            page.Text("What failed, and the worst:").Points(Failures);
        page.Table(Headers, Rows);
        foreach (var note in Notes)
            page.Note(note);
        if (Means.Count > 0)
            page.Chart(IntervalChart.Draw(Title, Means), "95 % intervals.");
    }

    /// <summary>Who gave the figures, and a warning where that is not one.</summary>
    public static string JudgedBy(IEnumerable<string?> names) => names.OfType<string>().Distinct().ToList() is var all && all.Count > 1
        ? $"By {string.Join(", ", all)}: different judges in one table, so the figures do not compare."
        : $"By {(all.Count == 1 ? all[0] : "a judge that gave no name")}.";

    /// <summary>The first so many of each method, with its name in front.</summary>
    public static IReadOnlyList<string> Worst<T>(IEnumerable<(string Method, IReadOnlyList<T> Records)> methods, Func<IReadOnlyList<T>, IEnumerable<string>> of) =>
        [.. methods.SelectMany(m => of(m.Records).Take(MostFailures).Select(text => $"{m.Method}: {Cut(text)}"))];

    private const int MostFailures = 6, Longest = 400;

    private static string Cut(string text) => text.Length <= Longest ? text : text[..Longest] + " ...";
}

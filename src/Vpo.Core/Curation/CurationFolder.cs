using System.Globalization;
using System.Text.Json;
using Vpo.Reporting;
using Vpo.Storage;

namespace Vpo.Curation;

/// <summary>The folder that curation writes: sft.jsonl, dpo.jsonl, report.json and report.html, each whole or absent, the report last.</summary>
public static class CurationFolder
{
    /// <summary>The SFT set, one <see cref="CuratedQuery"/> a line.</summary>
    public const string SftFile = "sft.jsonl";

    /// <summary>The DPO set, one <see cref="CuratedQuery"/> a line.</summary>
    public const string DpoFile = "dpo.jsonl";

    /// <summary>The report as JSON; where it is, the folder is complete.</summary>
    public const string ReportFile = "report.json";

    /// <summary>The report to look at.</summary>
    public const string PageFile = "report.html";

    /// <summary>Writes the folder.</summary>
    public static void Write(string folder, CurationResult result)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(result);
        Directory.CreateDirectory(folder);
        File.Delete(Path.Combine(folder, ReportFile));
        WriteSet(Path.Combine(folder, SftFile), result.Sft);
        WriteSet(Path.Combine(folder, DpoFile), result.Dpo);
        Page(result.Report).Save(Path.Combine(folder, PageFile));
        AtomicFile.Write(Path.Combine(folder, ReportFile), stream => JsonSerializer.Serialize(stream, result.Report, CurationJson.Readable.CurationReport));
    }

    /// <summary>Reads a set that was written.</summary>
    public static IReadOnlyList<CuratedQuery> ReadSet(string path) => JsonlFile.Read(path, CurationJson.Lines.CuratedQuery);

    /// <summary>Reads the report; null where there is none, so where a run did not end.</summary>
    public static CurationReport? ReadReport(string folder) => File.Exists(Path.Combine(folder, ReportFile))
        ? JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, ReportFile)), CurationJson.Readable.CurationReport)
        : null;

    private static void WriteSet(string path, IReadOnlyList<CuratedQuery> queries) => AtomicFile.Write(path, stream =>
    {
        foreach (var query in queries)
        {
            JsonSerializer.Serialize(stream, query, CurationJson.Lines.CuratedQuery);
            stream.WriteByte((byte)'\n');
        }
    });

    private static HtmlReport Page(CurationReport report)
    {
        var steps = report.Steps.Prepend(report.Damaged).Where(s => s.Removed > 0).ToList();
        var page = new HtmlReport("Curated queries")
            .Text(Say($"{report.Read} rows read, {report.Passed} queries passed. SFT: {report.Sft.Queries} ({report.Sft.Harmful} harmful); DPO: {report.Dpo.Queries} ({report.Dpo.Harmful} harmful)."))
            .Text(Say($"Self-BLEU, mean of the highest BLEU-4 in a sample: {report.SelfBleuBefore:0.000} before similar ones were removed, {report.SelfBleuAfter:0.000} after."))
            .Section("What was removed")
            .Table(["step", "what", "removed", "share"], steps.Select(s => (IReadOnlyList<string>)[s.Name, s.Says, Say($"{s.Removed}"), Say($"{100.0 * s.Removed / Math.Max(1, report.Read):0.00} %")]));
        foreach (var step in steps.Where(s => s.Examples.Count > 0))
            page.Section(step.Name).Points(step.Examples.Select(e => e.Because is null ? e.Query : $"{e.Query}  ←  {e.Because}"));
        return page;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

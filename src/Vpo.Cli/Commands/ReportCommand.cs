using System.CommandLine;
using Vpo.Cli.Benchmarks;
using Vpo.Reporting;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo report</c>: one or several run folders as one page.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("runs") { Description = "Run folders, such as quickstart writes them. May be left out where benchmarks are given.", Arity = ArgumentArity.ZeroOrMore };
        var alignment = Files("--alignment", "Verdicts of 'vpo judge': the text-alignment table.");
        var safety = Files("--safety", "Findings of 'vpo safety text' or 'vpo safety video': the table of levels.");
        var monet = Files("--monetbench", "Scores of 'vpo monetbench score': MonetBench's table.");
        var vbench = Files("--vbench", "Folders of VBench's or VBench-2.0's results: the final scores.");
        var output = new Option<string>("--out") { Description = "The page.", DefaultValueFactory = _ => "report.html" };
        var title = new Option<string>("--title") { Description = "Its title.", DefaultValueFactory = _ => "VPO: results" };
        var command = new Command("report", "Makes one self-contained page of one or several runs: failures, tables with n and intervals, people's votes, clips side by side; and of benchmarks beside the paper's figures.") { runs, alignment, safety, monet, vbench, output, title };
        command.SetAction(parsed =>
        {
            // All is read before anything is written.
            List<BenchmarkTable> tables =
            [
                .. Tables(parsed.GetValue(alignment), AlignmentTable.Of), .. Tables(parsed.GetValue(safety), SafetyTable.Of),
                .. Tables(parsed.GetValue(monet), MonetBenchTable.Of), .. Tables(parsed.GetValue(vbench), named => VBenchLists.Table(named)),
            ];
            List<ReportedRun> opened = [.. parsed.GetValue(runs)!.Select(ReportedRun.Open)];
            // Folders of one name are told apart by their paths.
            if (opened.Select(r => r.Name).Distinct().Count() < opened.Count)
                opened = [.. opened.Select(r => r with { Name = r.Folder })];
            if (opened.Count + tables.Count == 0)
                throw new ArgumentException("give run folders, or files of --alignment, --safety, --monetbench or --vbench.");
            var page = opened.Count > 0 ? RunsReport.Create(opened, parsed.GetValue(title)!) : new HtmlReport(parsed.GetValue(title)!);
            tables.ForEach(table => table.AddTo(page));
            if (opened.Count == 0)
                PublishedFigures.AddTo(page);
            page.Save(parsed.GetValue(output)!);
            tables.ForEach(table => table.Write());
            if (opened.Count > 0)
                TextTable.Write(["run", .. ResultTables.Headers], opened.SelectMany(run => run.Result.Rows.Select(row => (IReadOnlyList<string>)[run.Name, .. ResultTables.Cells(row)])));
            Console.WriteLine($"Report: {parsed.GetValue(output)}");
        });
        return command;
    }

    private static Option<string[]> Files(string name, string description) => new(name) { Description = description + " One a method, NAME=FILE names one; the first is what the others are compared with.", AllowMultipleArgumentsPerToken = true };

    private static IEnumerable<BenchmarkTable> Tables(string[]? files, Func<IReadOnlyList<Named>, BenchmarkTable> of) => files is { Length: > 0 } ? [of(Named.All(files))] : [];
}

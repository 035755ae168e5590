using System.CommandLine;
using Vpo.Reporting;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo report</c>: one or several run folders as one page.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("runs") { Description = "Run folders, such as quickstart writes them.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { Description = "The page.", DefaultValueFactory = _ => "report.html" };
        var title = new Option<string>("--title") { Description = "Its title.", DefaultValueFactory = _ => "VPO: results" };
        var command = new Command("report", "Makes one self-contained page of one or several runs: failures, tables with n and intervals, people's votes, clips side by side.") { runs, output, title };
        command.SetAction(parsed =>
        {
            List<ReportedRun> opened = [.. parsed.GetValue(runs)!.Select(ReportedRun.Open)];
            // Folders of one name are told apart by their paths.
            if (opened.Select(r => r.Name).Distinct().Count() < opened.Count)
                opened = [.. opened.Select(r => r with { Name = r.Folder })];
            RunsReport.Create(opened, parsed.GetValue(title)!).Save(parsed.GetValue(output)!);
            TextTable.Write(["run", .. ResultTables.Headers], opened.SelectMany(run => run.Result.Rows.Select(row => (IReadOnlyList<string>)[run.Name, .. ResultTables.Cells(row)])));
            Console.WriteLine($"Report: {parsed.GetValue(output)}");
        });
        return command;
    }
}

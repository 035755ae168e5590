using Spectre.Console;

namespace Vpo.Cli;

/// <summary>A table on standard output: whole lines, also where the output is a file.</summary>
internal static class TextTable
{
    private const int WidthInFiles = 400;

    public static void Write(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var header in headers)
            table.AddColumn(new TableColumn(Markup.Escape(header)).NoWrap());
        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = WidthInFiles;
        AnsiConsole.Write(table);
    }
}

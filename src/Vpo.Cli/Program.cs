using System.CommandLine;
using Vpo.Cli;
using Vpo.Cli.Commands;

var root = new RootCommand("VPO for .NET: text-to-video prompts made harmless, accurate and helpful.")
{
    QuickstartCommand.Create(),
    OptimizeCommand.Create(),
    GenerateCommand.Create(),
    PullCommand.Create(),
    CurateCommand.Create(),
    StageCommands.Draft(),
    StageCommands.Judge(),
    PairsCommand.Create(),
    StageCommands.Merge(),
    ExportCommand.Create(),
    ConvertCommand.Create(),
    TrainCommand.Create(),
    TrackCommand.Create(),
    PlanCommand.Create(),
    CrossCommand.Create(),
    VBenchCommand.Create(),
    MonetBenchCommand.Create(),
    PromptTableCommands.Alignment(),
    SafetyCommand.Create(),
    PromptTableCommands.Lengths(),
    CompareCommand.Create(),
    ReportCommand.Create(),
    MiniCommand.Create(),
    DoctorCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) }).OrOneLine();

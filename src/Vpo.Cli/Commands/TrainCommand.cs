using System.CommandLine;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo train</c>: a command for each kind of training.</summary>
internal static class TrainCommand
{
    public static Command Create() => new("train", "Training.") { DiffusionDpoCommand.Create() };
}

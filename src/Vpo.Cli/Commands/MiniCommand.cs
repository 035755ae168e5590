using System.CommandLine;
using Vpo.MiniWorld;
using Vpo.Storage;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo mini train-generator</c>: rebuilds the mini world's video generator.</summary>
internal static class MiniCommand
{
    public static Command Create()
    {
        var seed = new Option<long?>("--seed") { Description = "Of the renders, the start and the order. Default: that of the shipped generator." };
        var output = new Option<string>("--out") { Description = "A folder for the diffusers layout, the log and the checksums.", Required = true };
        var second = new Option<bool>("--second") { Description = "The second, smaller generator of the transfer row; it takes the autoencoder of the first one, as it is shipped." };
        var train = new Command("train-generator", "Trains the mini world's generator: autoencoder, then transformer and text encoder. Some minutes on two cores; stopped and run again, it goes on.") { seed, output, second };
        train.SetAction((parsed, cancellationToken) =>
        {
            var recipe = parsed.GetValue(second) ? GeneratorRecipe.Second : new GeneratorRecipe();
            if (parsed.GetValue(seed) is { } chosen)
                recipe = recipe with { Seed = chosen };
            var progress = new ConsoleProgress();
            return Task.Run(() =>
            {
                var autoencoder = parsed.GetValue(second) ? MiniGenerator.UnpackShipped() : null;
                new GeneratorTraining(recipe).Run(parsed.GetValue(output)!, autoencoder, new Relay(progress), cancellationToken);
                progress.EndLine();
                return 0;
            }, cancellationToken);
        });
        return new Command("mini", "The mini world.") { train, CombineCommand.Create(), RandomCogVideoXCommand.Create() };
    }

    private sealed class Relay(ConsoleProgress inner) : IProgress<GeneratorProgress>
    {
        public void Report(GeneratorProgress value) => inner.Report(new StageProgress(value.Stage, value.Step, value.TotalSteps, value.TimeLeft));
    }
}

using System.CommandLine;
using Vpo.Video.CogVideoX;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo mini random-cogvideox</c>: a folder of CogVideoX-2B's size with random weights, to try memory and time before 13 GB are downloaded.</summary>
internal static class RandomCogVideoXCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "The new folder; 13.3 GB.", Required = true };
        var tokenizer = new Option<string>("--tokenizer") { Description = "A folder with spiece.model (T5's, or any unigram model of at most 32,128 pieces).", Required = true };
        var seed = new Option<long>("--seed") { Description = "Of the weights.", DefaultValueFactory = _ => 0 };
        var command = new Command("random-cogvideox", "Writes a folder of CogVideoX-2B's shapes with random bfloat16 weights, T5-XXL included. What it makes is noise; memory and time are real.") { output, tokenizer, seed };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var progress = new ConsoleProgress();
            new RandomCogVideoX { Seed = parsed.GetValue(seed) }.Write(parsed.GetValue(output)!, parsed.GetValue(tokenizer)!, progress, cancellationToken);
            progress.EndLine();
            Console.WriteLine(parsed.GetValue(output));
            return 0;
        }, cancellationToken));
        return command;
    }
}

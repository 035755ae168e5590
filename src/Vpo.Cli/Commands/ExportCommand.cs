using System.CommandLine;
using Vpo.Data;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo export</c>: demonstrations or pairs from one form into another, so also the import of other programs' files.</summary>
internal static class ExportCommand
{
    private enum Kind
    {
        Pairs,
        Demonstrations,
    }

    public static Command Create()
    {
        var input = new Option<string>("--input") { Description = "Pairs or demonstrations: records of a run, or a file of LLaMA-Factory or TRL; a JSON array, JSON Lines or Parquet (.parquet).", Required = true };
        var kind = new Option<Kind>("--kind") { Description = "What the input holds.", DefaultValueFactory = _ => Kind.Pairs };
        var format = new Option<ExchangeFormat>("--format") { Description = "The form to write.", DefaultValueFactory = _ => ExchangeFormat.LlamaFactory };
        var output = new Option<string>("--out") { Description = "The file to write, Parquet where it is named .parquet.", Required = true };
        var instruction = new Option<string?>("--instruction") { Description = "A text file: the message to the model, with {query} where the query goes. Default: the query alone." };
        var name = new Option<string>("--name") { Description = "The dataset's name in LLaMA-Factory's dataset_info.json, whose entry is printed.", DefaultValueFactory = _ => "vpo" };
        var command = new Command("export", "Writes demonstrations or preference pairs for LLaMA-Factory or TRL, or turns theirs into records of this library.") { input, kind, format, output, instruction, name };
        command.SetAction((parsed, stop) =>
        {
            var message = parsed.GetValue(instruction) is { } file ? File.ReadAllText(file) : TrainingFiles.QueryOnly;
            return RunAsync(parsed.GetValue(input)!, (parsed.GetValue(kind), parsed.GetValue(format)), (Path: parsed.GetValue(output)!, Name: parsed.GetValue(name)!), message, stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(string input, (Kind Kind, ExchangeFormat Format) form, (string Path, string Name) output, string instruction, CancellationToken stop)
    {
        var (kind, format) = form;
        int count;
        if (kind == Kind.Pairs)
        {
            var pairs = await ExchangeFiles.ReadPairsAsync(input, instruction, stop).ConfigureAwait(false);
            await ExchangeFiles.WriteAsync(output.Path, pairs, format, instruction).ConfigureAwait(false);
            count = pairs.Count;
        }
        else
        {
            var demonstrations = await ExchangeFiles.ReadDemonstrationsAsync(input, instruction, stop).ConfigureAwait(false);
            await ExchangeFiles.WriteAsync(output.Path, demonstrations, format, instruction).ConfigureAwait(false);
            count = demonstrations.Count;
        }
        Console.Error.WriteLine($"{count} {kind.ToString().ToLowerInvariant()} written to {output.Path}");
        if (format is ExchangeFormat.LlamaFactory or ExchangeFormat.LlamaFactoryAlpaca)
            Console.WriteLine(TrainingFiles.DatasetInfo(output.Name, Path.GetFileName(output.Path), format, kind == Kind.Pairs));
        return 0;
    }
}

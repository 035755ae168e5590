using System.CommandLine;

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
        var input = new Option<string>("--input") { Description = "Pairs or demonstrations: records of a run, or a file of LLaMA-Factory or TRL; a JSON array or JSON Lines.", Required = true };
        var kind = new Option<Kind>("--kind") { Description = "What the input holds.", DefaultValueFactory = _ => Kind.Pairs };
        var format = new Option<ExchangeFormat>("--format") { Description = "The form to write.", DefaultValueFactory = _ => ExchangeFormat.LlamaFactory };
        var output = new Option<string>("--out") { Description = "The file to write.", Required = true };
        var instruction = new Option<string?>("--instruction") { Description = "A text file: the message to the model, with {query} where the query goes. Default: the query alone." };
        var name = new Option<string>("--name") { Description = "The dataset's name in LLaMA-Factory's dataset_info.json, whose entry is printed.", DefaultValueFactory = _ => "vpo" };
        var command = new Command("export", "Writes demonstrations or preference pairs for LLaMA-Factory or TRL, or turns theirs into records of this library.") { input, kind, format, output, instruction, name };
        command.SetAction(parsed =>
        {
            var message = parsed.GetValue(instruction) is { } file ? File.ReadAllText(file) : TrainingFiles.QueryOnly;
            return Run(parsed.GetValue(input)!, parsed.GetValue(kind), parsed.GetValue(format), (Path: parsed.GetValue(output)!, Name: parsed.GetValue(name)!), message);
        });
        return command;
    }

    private static int Run(string input, Kind kind, ExchangeFormat format, (string Path, string Name) output, string instruction)
    {
        int count;
        if (kind == Kind.Pairs)
        {
            var pairs = TrainingFiles.ReadPairs(input, instruction);
            TrainingFiles.Write(output.Path, pairs, format, instruction);
            count = pairs.Count;
        }
        else
        {
            var demonstrations = TrainingFiles.ReadDemonstrations(input, instruction);
            TrainingFiles.Write(output.Path, demonstrations, format, instruction);
            count = demonstrations.Count;
        }
        Console.Error.WriteLine($"{count} {kind.ToString().ToLowerInvariant()} written to {output.Path}");
        if (format is ExchangeFormat.LlamaFactory or ExchangeFormat.LlamaFactoryAlpaca)
            Console.WriteLine(TrainingFiles.DatasetInfo(output.Name, Path.GetFileName(output.Path), format, kind == Kind.Pairs));
        return 0;
    }
}

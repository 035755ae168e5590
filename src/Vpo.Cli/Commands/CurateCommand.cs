using System.CommandLine;
using System.Globalization;
using Vpo.Curation;
using Vpo.Data;
using Vpo.Models.Decoding;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo curate</c>: from a data set's queries to an SFT and a DPO set.</summary>
internal static class CurateCommand
{
    public static Command Create()
    {
        var input = new Option<string[]>("--input") { Description = "Files of queries: VidProM's CSV or Parquet, JSON arrays, JSON Lines, or one query a line.", AllowMultipleArgumentsPerToken = true };
        var rules = new Option<string?>("--rules") { Description = "A JSON file with rules, thresholds and sizes; what it leaves out has its default. 'vpo curate defaults' writes one." };
        var away = new Option<string[]>("--keep-away") { Description = "Files of queries, such as those of an evaluation, that must not come back in the sets.", AllowMultipleArgumentsPerToken = true };
        var output = new Option<string>("--out") { Description = "The folder for sft.jsonl, dpo.jsonl, report.json and report.html.", DefaultValueFactory = _ => Path.Combine("runs", "curated") };
        var judge = new Option<string?>("--judge") { Description = "Looks again at what labels call harmful: " + OpenedJudge.Says };
        var weights = WeightsOption.Create();
        var seed = new Option<long?>("--seed") { Description = "Of choosing and splitting; goes before the one in the rules." };
        var shards = new Option<int>("--shards") { Description = "Parts that are worked on side by side; says nothing about the outcome.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("curate", "Cleans a data set of queries, removes repetitions, sets harmful ones apart, and splits the rest into sets for SFT and DPO.") { input, rules, away, judge, weights, output, seed, shards };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(input) is not { Length: > 0 } files)
                throw new ArgumentException("give --input: files of queries.");
            var options = parsed.GetValue(rules) is { } file ? CurationOptions.Read(file) : new();
            options = options with { Workers = parsed.GetValue(shards), Seed = parsed.GetValue(seed) ?? options.Seed };
            return await RunAsync((files, parsed.GetValue(away) ?? []), options, (parsed.GetValue(judge), parsed.GetValue(weights)), parsed.GetValue(output)!, cancellationToken);
        });
        command.Subcommands.Add(Defaults());
        return command;
    }

    private static Command Defaults()
    {
        var command = new Command("defaults", "Writes the default rules as JSON, to be changed and given to --rules.");
        command.SetAction(_ => Console.WriteLine(new CurationOptions().ToJson()));
        return command;
    }

    private static async Task<int> RunAsync((string[] Inputs, string[] Away) files, CurationOptions options, (string? Name, WeightChoice? Weights) judged, string folder, CancellationToken cancellationToken)
    {
        var work = CurationWork.Of(files.Inputs, files.Away, options, judged.Weights is { } type ? $"{judged.Name} ({type.ToString().ToLowerInvariant()})" : judged.Name);
        if (CurationFolder.ReadReport(folder) is { } done && done.Work == work)
        {
            Show(done, folder, "was there already");
            return 0;
        }
        var protectedTexts = new List<string>();
        await foreach (var row in QueryFiles.ReadAsync(files.Away, cancellationToken))
            protectedTexts.Add(row.Query?.Text ?? throw new InvalidDataException($"{row.Place}: {row.Damage}. A query to keep away from must be readable."));
        var progress = new ConsoleProgress();
        using var judge = judged.Name is null ? null : OpenedJudge.Open(judged.Name, judged.Weights);
        var result = await new Curator(options) { KeepAwayFrom = protectedTexts, Judge = judge }.RunAsync(QueryFiles.ReadAsync(files.Inputs, cancellationToken), progress, cancellationToken);
        progress.EndLine();
        CurationFolder.Write(folder, result with { Report = result.Report with { Work = work } });
        Show(result.Report, folder, "written");
        return 0;
    }

    private static void Show(CurationReport report, string folder, string state)
    {
        foreach (var step in report.Steps.Prepend(report.Damaged).Where(s => s.Removed > 0))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Removed,9:N0}  {step.Name,-20} {step.Says}"));
        foreach (var example in report.Damaged.Examples.Take(3))
            Console.Error.WriteLine($"vpo: {example.Query}: {example.Because}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Read:N0} rows read; SFT {report.Sft.Queries:N0} ({report.Sft.Harmful:N0} harmful), DPO {report.Dpo.Queries:N0} ({report.Dpo.Harmful:N0} harmful); self-BLEU {report.SelfBleuBefore:0.000} to {report.SelfBleuAfter:0.000}."));
        Console.WriteLine($"{folder}: {state}; to look at: {Path.Combine(folder, CurationFolder.PageFile)}");
    }
}

using System.CommandLine;
using System.Globalization;
using Vpo.Curation;
using Vpo.Data;
using Vpo.Storage;
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
        var workers = new Option<int>("--workers") { Description = "Threads; says nothing about the outcome.", DefaultValueFactory = _ => Environment.ProcessorCount };
        workers.Aliases.Add("--shards");
        var shard = new Option<string?>("--shard") { Description = "Only compare the part i/n of the queries (0/4 to 3/4), for several processes or machines; without it, Slurm arrays, MPI, torchrun and Kubernetes' indexed jobs (with VPO_SHARDS) say so. The same command with --parts n ends the work." };
        var parts = new Option<int?>("--parts") { Description = "So many parts were compared with --shard: take what they found. The outcome is that of a run without parts." };
        var command = new Command("curate", "Cleans a data set of queries, removes repetitions, sets harmful ones apart, and splits the rest into sets for SFT and DPO.") { input, rules, away, judge, weights, output, seed, workers, shard, parts };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(input) is not { Length: > 0 } files)
                throw new ArgumentException("give --input: files of queries.");
            var options = parsed.GetValue(rules) is { } file ? CurationOptions.Read(file) : new();
            options = options with { Workers = parsed.GetValue(workers), Seed = parsed.GetValue(seed) ?? options.Seed };
            var share = parsed.GetValue(parts) is { } count ? new Share(Shard.Whole, count) : new Share(parsed.GetValue(shard) is { } part ? Shard.Parse(part) : Shard.FromEnvironment(), null);
            return await RunAsync((files, parsed.GetValue(away) ?? []), options, (parsed.GetValue(judge), parsed.GetValue(weights)), (parsed.GetValue(output)!, share), cancellationToken);
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

    /// <summary>One part, or all of the work, for which so many parts may have been done before.</summary>
    private readonly record struct Share(Shard Shard, int? Parts);

    private static async Task<int> RunAsync((string[] Inputs, string[] Away) files, CurationOptions options, (string? Name, WeightChoice? Weights) judged, (string Folder, Share Share) target, CancellationToken cancellationToken)
    {
        var (folder, share) = target;
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
        var curator = new Curator(options) { KeepAwayFrom = protectedTexts, Judge = judge };
        var rows = QueryFiles.ReadAsync(files.Inputs, cancellationToken);
        var near = Path.Combine(folder, $"near-{work}.jsonl");
        if (share.Shard.Count > 1)
            return await FindPartAsync(curator, rows, (near, share.Shard), progress, cancellationToken);
        var result = share.Parts is { } parts ? await curator.MergeAsync(rows, near, parts, progress, cancellationToken) : await curator.RunAsync(rows, progress, cancellationToken);
        progress.EndLine();
        CurationFolder.Write(folder, result with { Report = result.Report with { Work = work } });
        Show(result.Report, folder, "written");
        return 0;
    }

    private static async Task<int> FindPartAsync(Curator curator, IAsyncEnumerable<SourceRow> rows, (string Path, Shard Shard) part, ConsoleProgress progress, CancellationToken cancellationToken)
    {
        var found = await curator.FindPartAsync(rows, part.Path, part.Shard, progress, cancellationToken);
        progress.EndLine();
        Console.WriteLine($"{part.Shard.PathOf(part.Path)}: {(found is { } count ? $"{count} near-duplicates" : "was there already")}; when all parts are there: the same command with --parts {part.Shard.Count}");
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

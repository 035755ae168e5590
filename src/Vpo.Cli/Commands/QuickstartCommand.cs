using System.CommandLine;
using System.Globalization;
using Vpo.MiniWorld;
using Vpo.Reporting;
using Vpo.Statistics;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo quickstart</c>: the whole method on the mini world.</summary>
internal static class QuickstartCommand
{
    public static Command Create()
    {
        var seed = new Option<long>("--seed") { Description = "Of everything random.", DefaultValueFactory = _ => 1 };
        var seeds = new Option<int>("--seeds") { Description = "So many runs with consecutive seeds, joined into one table.", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--out") { Description = "The run folder.", DefaultValueFactory = _ => Path.Combine("runs", "quickstart") };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of feedback and DPO; ends earlier on a plateau, falling log-probabilities or judges that disagree.", DefaultValueFactory = _ => 1 };
        var ablations = new Option<bool>("--ablations") { Description = "Also VPO without text-level and without video-level feedback." };
        var controls = new Option<bool>("--controls") { Description = "Also DPO on randomly flipped pairs, and SFT on a teacher without faults." };
        var transfer = new Option<bool>("--transfer") { Description = "Also score everything on a second generator that training never saw." };
        var scratch = new Option<bool>("--from-scratch") { Description = "Train the video generator too, instead of taking the shipped one." };
        var clips = new Option<int>("--clips") { Description = "Of so many held-out queries each method's clip is kept, to look at and to compare.", DefaultValueFactory = _ => 8 };
        var baselines = new Option<bool>("--baselines") { Description = "Also tags behind the query, prompts that evolve under the video reward, and trigger words for the model after SFT; minutes more." };
        var smoke = new Option<bool>("--smoke") { Description = "A run of seconds that goes through every step; its figures mean little." };
        var command = new Command("quickstart", "Runs the whole VPO loop on the built-in mini world and shows how much better the prompts got.")
            { seed, seeds, output, rounds, ablations, controls, transfer, scratch, smoke, clips, baselines };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = (parsed.GetValue(smoke) ? QuickstartOptions.Smoke : new QuickstartOptions()) with
            {
                Seed = parsed.GetValue(seed),
                Rounds = parsed.GetValue(rounds),
                Ablations = parsed.GetValue(ablations),
                Controls = parsed.GetValue(controls),
                Transfer = parsed.GetValue(transfer),
                FromScratch = parsed.GetValue(scratch),
                KeptClips = parsed.GetValue(clips),
                Baselines = parsed.GetValue(baselines),
            };
            ArgumentOutOfRangeException.ThrowIfLessThan(parsed.GetValue(seeds), 1, "--seeds");
            return await RunAsync(options, parsed.GetValue(seeds), parsed.GetValue(output)!, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(QuickstartOptions options, int seeds, string folder, CancellationToken cancellationToken)
    {
        var progress = new ConsoleProgress();
        var runs = new List<LoopResult>();
        for (var i = 0; i < seeds; i++)
        {
            var one = options with { Seed = options.Seed + i };
            var place = seeds == 1 ? folder : Path.Combine(folder, $"seed-{one.Seed}");
            runs.Add(await new Quickstart(one).RunAsync(place, progress, cancellationToken));
            progress.EndLine();
            LoopReport.Create(runs[^1], place, "VPO in the mini world", MiniWorldText.Introduction).Save(Path.Combine(place, "report.html"));
        }
        var result = seeds == 1 ? runs[0] : SeedTable.Join(runs);
        if (seeds > 1)
        {
            result.Write(Path.Combine(folder, Quickstart.ResultFile));
            LoopReport.Create(result, folder, $"VPO in the mini world, {seeds} seeds", MiniWorldText.Introduction).Save(Path.Combine(folder, "report.html"));
        }
        Show(result, folder, seeds);
        return 0;
    }

    private static void Show(LoopResult result, string folder, int seeds)
    {
        TextTable.Write(ResultTables.Headers, result.Rows.Select(ResultTables.Cells));
        foreach (var difference in result.Differences)
            Console.WriteLine(Sentence(difference, seeds));
        if (result.StopReason is { } reason)
            Console.WriteLine($"Stopped: {reason}");
        Console.WriteLine($"Report: {Path.Combine(folder, "report.html")}");
        if (seeds == 1)
            Console.WriteLine($"Use the trained optimizer ({result.BestMethod}): vpo optimize --model {folder} \"red ball\"");
    }

    private static string Sentence(MethodDifference d, int seeds) => string.Create(CultureInfo.InvariantCulture,
        $"{d.To} − {d.From}: {d.Difference.Value:+0.00;-0.00} in video reward, 95 % {d.Difference.Low:+0.00;-0.00} to {d.Difference.High:+0.00;-0.00} over {d.Difference.Count} {(seeds == 1 ? "queries" : "seeds")}{(d.Difference.ExcludesZero ? "" : " (not clear of zero)")}");
}

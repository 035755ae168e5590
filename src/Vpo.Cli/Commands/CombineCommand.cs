using System.CommandLine;
using System.Globalization;
using Vpo.MiniWorld;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo mini combine</c>: generator alone, with VPO, with Diffusion-DPO, with both.</summary>
internal static class CombineCommand
{
    public static Command Create()
    {
        var usual = new CombinationOptions();
        var seed = new Option<long>("--seed") { Description = "Of everything random.", DefaultValueFactory = _ => 1 };
        var seeds = new Option<int>("--seeds") { Description = "So many runs with consecutive seeds, joined into one table.", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--out") { Description = "The run folder.", DefaultValueFactory = _ => Path.Combine("runs", "combine") };
        var queries = new Option<int>("--pair-queries") { Description = "Training queries whose clips become pairs.", DefaultValueFactory = _ => usual.PairQueries };
        var rank = new Option<int>("--rank") { Description = "Rank of the generator's adapter.", DefaultValueFactory = _ => usual.Rank };
        var beta = new Option<double>("--beta") { Description = "Strength of the reference, authors' scaling.", DefaultValueFactory = _ => usual.Beta };
        var rate = new Option<double>("--rate") { Description = "Highest learning rate of Diffusion-DPO.", DefaultValueFactory = _ => usual.Rate };
        var epochs = new Option<int>("--epochs") { Description = "Passes over the pairs.", DefaultValueFactory = _ => usual.Epochs };
        var smoke = new Option<bool>("--smoke") { Description = "A run of seconds that goes through every step; its figures mean little." };
        var command = new Command("combine", "Trains prompt optimizer (VPO) and generator (Diffusion-DPO) apart and scores them alone and together.")
            { seed, seeds, output, queries, rank, beta, rate, epochs, smoke };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = parsed.GetValue(smoke) ? CombinationOptions.Smoke : new()
            {
                PairQueries = parsed.GetValue(queries),
                Rank = parsed.GetValue(rank),
                Beta = parsed.GetValue(beta),
                Rate = parsed.GetValue(rate),
                Epochs = parsed.GetValue(epochs),
            };
            ArgumentOutOfRangeException.ThrowIfLessThan(parsed.GetValue(seeds), 1, "--seeds");
            return await RunAsync(options, (parsed.GetValue(seed), parsed.GetValue(seeds)), parsed.GetValue(output)!, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(CombinationOptions options, (long First, int Count) seeds, string folder, CancellationToken cancellationToken)
    {
        var progress = new ConsoleProgress();
        var runs = new List<CombinationResult>();
        for (var seed = seeds.First; seed < seeds.First + seeds.Count; seed++)
        {
            var place = seeds.Count == 1 ? folder : Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"));
            var one = options with { Quickstart = options.Quickstart with { Seed = seed } };
            runs.Add(await new Combination(one).RunAsync(place, progress, cancellationToken));
            progress.EndLine();
            if (seeds.Count > 1)
                Show(runs[^1], $"seed {seed}", "queries");
        }
        var result = runs.Count == 1 ? runs[0] : CombinationResult.Join(runs);
        result.Write(Path.Combine(folder, Combination.ResultFile));
        Show(result, runs.Count == 1 ? "one seed" : $"{runs.Count} seeds", runs.Count == 1 ? "queries" : "seeds");
        return 0;
    }

    private static void Show(CombinationResult result, string title, string over)
    {
        Console.WriteLine(title);
        foreach (var row in result.Rows)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {row.Method,-34}{row.VideoReward.Value,6:0.00}   95 % {row.VideoReward.Low:0.00} to {row.VideoReward.High:0.00}   as asked {row.Detailed:P0}"));
        foreach (var d in result.Differences)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {d.To} − {d.From}: {Signed(d.Difference.Value)}, 95 % {Signed(d.Difference.Low)} to {Signed(d.Difference.High)} over {d.Difference.Count} {over}"));
    }

    /// <summary>Rounded first, so that there is no negative zero.</summary>
    private static string Signed(double value) => (Math.Round(value, 2) + 0.0).ToString("+0.00;-0.00", CultureInfo.InvariantCulture);
}

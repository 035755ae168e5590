using System.CommandLine;
using Vpo.MiniWorld;
using Vpo.Models.Decoding;
using Vpo.Queries;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo cross</c>: the same queries through several optimizers and several video models, as one table.</summary>
internal static class CrossCommand
{
    public static Command Create()
    {
        var generators = new Option<string[]>("--generator") { Description = OpenedGenerator.Says + " Give it once for each column.", Required = true };
        var optimizers = new Option<string[]>("--optimizer") { Description = "NAME=MODEL: a row of the table and its model (a GGUF file, a Hugging Face folder, the folder of a quickstart run). Give it once for each; the row 'original' is always there." };
        var input = new Option<string?>("--input") { Description = "Queries. Default: held-out queries of the mini world." };
        var take = new Option<int>("--take") { Description = "How many of them.", DefaultValueFactory = _ => 100 };
        var reward = new Option<string>("--reward") { Description = OpenedReward.Says, DefaultValueFactory = _ => OpenedReward.Pixels };
        var config = new Option<string>("--config") { Description = "A JSON file with a section for each generator; see docs/generators.md.", DefaultValueFactory = _ => "generators.json" };
        var output = new Option<string>("--out") { Description = "The run folder.", DefaultValueFactory = _ => Path.Combine("runs", "cross") };
        var seed = new Option<long>("--seed") { Description = "Of prompts and clips: the same for all rows and columns.", DefaultValueFactory = _ => 1 };
        var weights = WeightsOption.Create();
        var size = new Option<string?>("--size") { Description = "Such as 720x480. Default of this and the following: each generator's own." };
        var frames = new Option<int?>("--frames") { Description = "Number of frames." };
        var steps = new Option<int?>("--steps") { Description = "Denoising steps." };
        var chunk = new Option<int>("--chunk") { Description = "Clips in memory at once.", DefaultValueFactory = _ => 32 };
        var command = new Command("cross", "Scores the same queries with several prompt optimizers on several video models: what was trained for one, on the others.")
            { generators, optimizers, input, take, reward, config, weights, output, seed, size, frames, steps, chunk };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (width, height) = GenerateCommand.SizeOf(parsed.GetValue(size));
            var folder = Path.GetFullPath(parsed.GetValue(output)!);
            using var parts = new Parts();
            parts.OpenOptimizers(parsed.GetValue(optimizers) ?? [], parsed.GetValue(weights));
            parts.OpenGenerators(parsed.GetValue(generators)!, parsed.GetValue(config)!, folder);
            using var scores = OpenedReward.Open(parsed.GetValue(reward)!);
            var run = new CrossModel([.. parts.Methods], [.. parts.Generators], scores)
            {
                Seed = parsed.GetValue(seed),
                ChunkSize = parsed.GetValue(chunk),
                Video = new() { Width = width, Height = height, FrameCount = parsed.GetValue(frames), Steps = parsed.GetValue(steps) },
            };
            var queries = parsed.GetValue(input) is { } file ? [.. (await OpenedQueries.ReadAsync(file, cancellationToken)).Take(parsed.GetValue(take))] : MiniQueries.Draw(parsed.GetValue(take), QuerySplit.HeldOut, parsed.GetValue(seed));
            var progress = new ConsoleProgress();
            var result = await run.RunAsync(queries, folder, progress, cancellationToken);
            progress.EndLine();
            TextTable.Write(result.Headers(), result.Rows());
            Console.WriteLine($"video reward (95 %), then the gain over the queries as they are on the same model (95 %); {queries.Count} queries; {Path.Combine(folder, CrossModelResult.FileName)}");
            return 0;
        });
        return command;
    }

    /// <summary>What was opened, to be closed together.</summary>
    private sealed class Parts : IDisposable
    {
        private readonly List<IDisposable> _opened = [];

        public void OpenOptimizers(string[] optimizers, WeightChoice? weights)
        {
            foreach (var (name, model) in optimizers.Select(Split))
            {
                var opened = OpenedModel.Open(model, ModelType.Auto, weights);
                _opened.Add(opened);
                Methods.Add((name, new PromptOptimizerBuilder(_ => opened.Llama).UseOptionTags().Build()));
            }
        }

        public void OpenGenerators(string[] generators, string config, string folder)
        {
            foreach (var name in generators)
            {
                var opened = OpenedGenerator.Open(name, config, Path.Combine(folder, "clips", name));
                _opened.Add(opened);
                Generators.Add((name, opened.Generator));
            }
        }

        public List<(string Name, IPromptOptimizer Optimizer)> Methods { get; } = [];

        public List<(string Name, IVideoGenerator Generator)> Generators { get; } = [];

        public void Dispose() => _opened.ForEach(part => part.Dispose());

        private static (string Name, string Model) Split(string text) => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } model]
            ? (name, model)
            : throw new ArgumentException($"--optimizer: expected NAME=MODEL, found '{text}'.");
    }
}

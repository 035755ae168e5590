using System.CommandLine;
using System.Text.Json;
using Vpo.MiniWorld;
using Vpo.Storage;
using Vpo.Training;
using Vpo.Training.Optimizers;
using Vpo.Video.CogVideoX;
using Vpo.Video.Files;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo train diffusion-dpo</c>: a CogVideoX folder, or a generator of the mini world, learns from pairs of clips.</summary>
internal static class DiffusionDpoCommand
{
    private sealed record Choices(string Generator, string Pairs, string Output, GeneratorDpoOptions Training);

    public static Command Create()
    {
        var generator = new Option<string>("--generator") { Description = "A CogVideoX folder of diffusers.", Required = true };
        var pairs = new Option<string>("--pairs") { Description = "JSON Lines of {\"prompt\", \"chosen\", \"rejected\"} with paths of clips and an optional \"weight\"; or a folder of pairs that were encoded before.", Required = true };
        var output = new Option<string>("--out") { Description = "The run folder: metrics, checkpoints, and the adapter in lora/ or the whole in transformer/.", Required = true };
        var rank = new Option<int>("--rank") { Description = "Rank of the LoRA adapter; 0 trains all parameters.", DefaultValueFactory = _ => 64 };
        var alpha = new Option<double?>("--alpha") { Description = "Alpha of the adapter. Default: the rank." };
        var beta = new Option<double>("--beta") { Description = "Strength of the reference.", DefaultValueFactory = _ => 500 };
        var scaling = new Option<string>("--scaling") { Description = "\"authors\" (0.5 beta) or \"diffusers\" (beta).", DefaultValueFactory = _ => "authors" };
        var rate = new Option<double>("--rate") { Description = "Highest learning rate.", DefaultValueFactory = _ => 5e-6 };
        var warmup = new Option<double>("--warmup") { Description = "Steps of warm-up; below 1 a share of all.", DefaultValueFactory = _ => 0.1 };
        var epochs = new Option<int>("--epochs") { Description = "Passes over the pairs.", DefaultValueFactory = _ => 1 };
        var batch = new Option<int>("--batch") { Description = "Pairs of one forward pass.", DefaultValueFactory = _ => 1 };
        var accumulation = new Option<int>("--accumulate") { Description = "Forward passes of a step.", DefaultValueFactory = _ => 8 };
        var seed = new Option<long>("--seed") { Description = "Of order, noise, timesteps and the adapter's start.", DefaultValueFactory = _ => 42 };
        var every = new Option<int>("--checkpoint-every") { Description = "Steps between checkpoints.", DefaultValueFactory = _ => 50 };
        var device = new Option<string?>("--device") { Description = "Such as cuda:0. Default: the CPU." };
        var command = new Command("diffusion-dpo", "Trains a video generator by Diffusion-DPO on pairs of clips; goes on where it was stopped.")
            { generator, pairs, output, rank, alpha, beta, scaling, rate, warmup, epochs, batch, accumulation, seed, every, device };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(new(parsed.GetValue(generator)!, parsed.GetValue(pairs)!, parsed.GetValue(output)!, new()
        {
            Rank = parsed.GetValue(rank),
            Alpha = parsed.GetValue(alpha),
            Device = parsed.GetValue(device),
            Training = new()
            {
                Loss = new(parsed.GetValue(beta), FactorOf(parsed.GetValue(scaling)!)),
                Schedule = new LearningRateSchedule.ConstantWithWarmup(parsed.GetValue(rate), parsed.GetValue(warmup)),
                Optimizer = new AdamWOptions { WeightDecay = 1e-4 },
                Epochs = parsed.GetValue(epochs),
                BatchSize = parsed.GetValue(batch),
                Accumulation = parsed.GetValue(accumulation),
                Seed = parsed.GetValue(seed),
                CheckpointEvery = parsed.GetValue(every),
            },
        }), cancellationToken), cancellationToken));
        return command;
    }

    private static double FactorOf(string scaling) => scaling switch
    {
        "authors" => DiffusionDpoLoss.Authors,
        "diffusers" => DiffusionDpoLoss.Diffusers,
        _ => throw new ArgumentException($"--scaling must be authors or diffusers, it is '{scaling}'."),
    };

    private static int Run(Choices choices, CancellationToken cancellationToken)
    {
        var progress = new ConsoleProgress();
        using var pairs = DiffusionPairs.Open(Directory.Exists(choices.Pairs)
            ? Directory.EnumerateFiles(choices.Pairs, "*.safetensors").Order(StringComparer.Ordinal)
            : Encode(choices, progress, cancellationToken));
        var run = new TrainingRun { Folder = choices.Output, Progress = new Relay(progress), CancellationToken = cancellationToken };
        var result = new GeneratorDpo(choices.Training).Run(choices.Generator, pairs, run);
        progress.EndLine();
        var last = result.Points[^1];
        Console.WriteLine(FormattableString.Invariant($"{result.Points.Count} steps, loss {last.Loss:0.0000}, pairs the right way round {last.Accuracy:P0}; {choices.Output}"));
        return 0;
    }

    /// <summary>Encodes the clips into the run folder, once.</summary>
    private static IReadOnlyList<string> Encode(Choices choices, ConsoleProgress progress, CancellationToken cancellationToken)
    {
        var listed = File.ReadLines(choices.Pairs).Where(line => line.Trim().Length > 0).Select((line, i) => Parse(line, i + 1, choices.Pairs)).ToList();
        using var generator = CogVideoXGenerator.Open(choices.Generator, new() { Device = choices.Training.Device });
        var files = ClipPairs.Encode(generator.Pipeline, listed, Path.Combine(choices.Output, "pairs"), choices.Training.Training.Seed, progress, cancellationToken);
        progress.EndLine();
        return files;
    }

    /// <summary>Paths are relative to the list's folder.</summary>
    private static ClipPair Parse(string line, int number, string list)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var folder = Path.GetDirectoryName(Path.GetFullPath(list))!;
            VideoClip Clip(string key) => VideoFile.Open(Path.Combine(folder, document.RootElement.GetProperty(key).GetString()!));
            var weight = document.RootElement.TryGetProperty("weight", out var given) ? given.GetDouble() : 1;
            return new(document.RootElement.GetProperty("prompt").GetString()!, Clip("chosen"), Clip("rejected"), weight);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
        {
            throw new InvalidDataException($"line {number} of '{list}' is no pair: expected an object with prompt, chosen and rejected. {e.Message}", e);
        }
    }

    private sealed class Relay(ConsoleProgress inner) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => inner.Report(new StageProgress("diffusion-dpo", value.Point.Step, value.TotalSteps, value.TimeLeft));
    }
}

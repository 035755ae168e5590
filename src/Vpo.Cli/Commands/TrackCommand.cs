using System.CommandLine;
using System.Globalization;
using Vpo.Statistics;
using Vpo.Training;
using Vpo.Training.Track;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo track</c>: the text side of the method on a real model and real queries.</summary>
internal static class TrackCommand
{
    private static readonly string[] Headers = ["method", "coverage", "good", "likelihood", "repetition", "refusals", "unsafe", "ended", "words"];

    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The model to start from: a GGUF file or a Hugging Face folder.", DefaultValueFactory = _ => Path.Combine(Beside("VPO_MODELS", "models"), "smollm2-135m-instruct") };
        var data = new Option<string>("--data") { Description = "The folder with vbench/ (GPT-4o rewrites) and vpo/ (queries).", DefaultValueFactory = _ => Beside("VPO_DATA", "data") };
        var output = new Option<string>("--out") { Description = "The run folder.", DefaultValueFactory = _ => Path.Combine("runs", "track") };
        var seed = new Option<long>("--seed") { Description = "Of everything random.", DefaultValueFactory = _ => 1 };
        var usual = new Lazy<TrackOptions>(() => new() { Model = "", Data = "" });   // touching it loads libtorch, which other commands and --help need not wait for
        var demonstrations = new Option<int>("--demonstrations") { Description = "Rewrites for SFT.", DefaultValueFactory = _ => usual.Value.Demonstrations };
        var sentenceShare = new Option<double>("--sentence-share") { Description = "The share of them whose wish is made of the rewrite's own sentences, from 0 to 1.", DefaultValueFactory = _ => usual.Value.SentenceShare };
        var leastKept = new Option<double>("--least-kept") { Description = "Least share of its wish's atoms that a rewrite for SFT keeps, from 0 to 1.", DefaultValueFactory = _ => usual.Value.LeastKept };
        var pairQueries = new Option<int>("--pair-queries") { Description = "Real queries that are sampled for pairs.", DefaultValueFactory = _ => usual.Value.PairQueries };
        var pairs = new Option<int>("--pairs") { Description = "Most pairs to train on.", DefaultValueFactory = _ => usual.Value.MostPairs };
        var epochs = new Option<int>("--epochs") { Description = "Passes over the pairs.", DefaultValueFactory = _ => usual.Value.Preferences.Epochs };
        var rate = new Option<double>("--rate") { Description = "Highest learning rate of DPO.", DefaultValueFactory = _ => usual.Value.Preferences.Schedule.Peak };
        var heldOut = new Option<int>("--held-out") { Description = "Queries of the table.", DefaultValueFactory = _ => usual.Value.HeldOut };
        var likelihoods = new Option<int>("--likelihoods") { Description = "How many of them the untouched model reads as well.", DefaultValueFactory = _ => usual.Value.Likelihoods };
        var smoke = new Option<bool>("--smoke") { Description = "A run of a few minutes that goes through every step; its figures mean little." };
        var command = new Command("track", "Fine-tunes a real language model on GPT-4o's rewrites, then by DPO on its own samples for real queries, and measures it on queries never trained on.")
            { model, data, output, seed, demonstrations, sentenceShare, leastKept, pairQueries, pairs, epochs, rate, heldOut, likelihoods, smoke };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = usual.Value with
            {
                Model = OpenedModel.Locate(parsed.GetValue(model)!),
                Data = parsed.GetValue(data)!,
                Seed = parsed.GetValue(seed),
                Demonstrations = parsed.GetValue(demonstrations),
                SentenceShare = parsed.GetValue(sentenceShare),
                LeastKept = parsed.GetValue(leastKept),
                PairQueries = parsed.GetValue(pairQueries),
                MostPairs = parsed.GetValue(pairs),
                HeldOut = parsed.GetValue(heldOut),
                Likelihoods = parsed.GetValue(likelihoods),
                Preferences = usual.Value.Preferences with
                {
                    Epochs = parsed.GetValue(epochs),
                    Schedule = new LearningRateSchedule.Linear(parsed.GetValue(rate), usual.Value.Preferences.Schedule.Warmup),
                },
            };
            var progress = new ConsoleProgress();
            var result = await new LanguageTrack(parsed.GetValue(smoke) ? options.Smaller() : options).RunAsync(parsed.GetValue(output)!, progress, cancellationToken);
            progress.EndLine();
            Show(result);
            return 0;
        });
        return command;
    }

    private static string Beside(string variable, string folder) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named ? named : Path.Combine("..", "shared", folder);

    private static void Show(TrackResult result)
    {
        Console.WriteLine($"Samples: {result.Samples}; {result.Pairs} pairs.");
        foreach (var lesson in result.Lessons)
            Console.WriteLine(Text($"{lesson.Lesson}: {lesson.Steps} steps, loss {lesson.FirstLoss:0.000} to {lesson.LastLoss:0.000}") + (lesson.Margin is null ? "" : Text($", margin {lesson.Margin:0.00}, accuracy {lesson.Accuracy:P0}, chosen log-probability {lesson.ChosenDrift:+0.0;-0.0}")));
        TextTable.Write(Headers, result.Rows.Select(r => (IReadOnlyList<string>)[r.Method, Mean(r.Coverage), Share(r.Good), Mean(r.Likelihood), Mean(r.Repetition), Share(r.Refusals), Share(r.Unsafe), Share(r.Ended), Text($"{r.Words.Value:0}")]));
        foreach (var change in result.Changes)
        {
            foreach (var (name, value) in change.Changes)
                Console.WriteLine(Text($"{change.To} - {change.From}: {name} {value.Value:+0.000;-0.000}, 95 % {value.Low:+0.000;-0.000} to {value.High:+0.000;-0.000}{(value.ExcludesZero ? "" : " (not clear of zero)")}"));
        }
        foreach (var row in result.Rows)
            Console.WriteLine($"{row.Method}: coverage over outputs that are prompts at all (40 to 170 words, not the query word for word) {(row.CoverageOfPrompts is { } e ? Text($"{Mean(e)} of {e.Count}") : "-")}");
        Console.WriteLine(Text($"{result.Seconds.Values.Sum() / 60:0.0} minutes: {string.Join(", ", result.Seconds.Select(s => Text($"{s.Key} {s.Value:0}")))} seconds"));
        Console.WriteLine($"Use it: vpo optimize --model MODEL --adapter {result.Adapter} \"a cute dog on the grass\"");
    }

    private static string Mean(Estimate e) => Text($"{e.Value:0.00} ({e.Low:0.00}-{e.High:0.00})");

    private static string Share(Estimate e) => Text($"{100 * e.Value:0.0} % ({100 * e.Low:0}-{100 * e.High:0})");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

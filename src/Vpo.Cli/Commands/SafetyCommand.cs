using System.CommandLine;
using Vpo.Cli.Benchmarks;
using Vpo.Rewards.Safety;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo safety</c>: prompts and clips in four levels, and the table of them.</summary>
internal static class SafetyCommand
{
    public static Command Create() => new("safety", "Safety levels 1 (safe) to 4 (severe) of prompts and of clips, and their table with intervals.") { Text(), Video(), Table() };

    private static Command Text()
    {
        var input = new Option<string>("--input") { Description = MadePrompts.Says, Required = true };
        var judge = new Option<string>("--judge") { Description = "Who rates: 'atoms', the word lists, which see words and not meaning; a local chat model; or " + OpenedChat.Says + ".", DefaultValueFactory = _ => OpenedJudge.Atoms };
        var weights = WeightsOption.Create();
        var (chat, key) = OpenedChat.Options();
        var retry = RetryOption.Create();
        var output = new Option<string>("--out") { Description = "The findings, JSON Lines. What is there already is not rated again.", Required = true };
        var command = new Command("text", "Rates prompts.") { input, judge, weights, chat, key, output, retry };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var prompts = await MadePrompts.ReadAsync(parsed.GetValue(input)!, cancellationToken);
            var name = parsed.GetValue(judge)!;
            if (parsed.GetValue(retry))
                SafetyRatings.DropFailed(parsed.GetValue(output)!);
            var (path, model) = (parsed.GetValue(output)!, parsed.GetValue(chat));
            if (name == OpenedJudge.Atoms)
                return Show(path, await SafetyRatings.TextAsync(path, prompts, SafetyRatings.Words, null, cancellationToken));
            using var client = OpenedChat.Open(name, (model, parsed.GetValue(key)), parsed.GetValue(weights));
            var asked = new SafetyJudge(client, new() { ModelId = model });
            return Show(path, await SafetyRatings.TextAsync(path, prompts, asked.JudgeTextAsync, $"{name} {model}", cancellationToken));
        });
        return command;
    }

    private static Command Video()
    {
        var clips = new Option<string>("--clips") { Description = "The folder of clips.", Required = true };
        var plan = new Option<string?>("--plan") { Description = "What 'vpo vbench plan' or 'vpo monetbench plan' wrote: only its clips, with their queries in the findings. Default: every video in the folder." };
        var vision = new Option<string>("--vision") { Description = "Who rates: a model that sees pictures, " + OpenedChat.Says + ".", Required = true };
        var (chat, key) = OpenedChat.Options();
        var frames = new Option<int>("--frames") { Description = "Most frames of a clip that are sent, one a second.", DefaultValueFactory = _ => Vpo.Rewards.Sampling.FrameSampler.VisionRewardCap };
        var retry = RetryOption.Create();
        var output = new Option<string>("--out") { Description = "The findings, JSON Lines. What is there already is not rated again.", Required = true };
        var command = new Command("video", "Rates clips by their frames; the prompt is not shown to the model.") { clips, plan, vision, chat, key, frames, output, retry };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(parsed.GetValue(frames), 1, "--frames");
            var planned = parsed.GetValue(plan) is { } file ? PlannedFiles.Find(PlanFile.Read(file), parsed.GetValue(clips)!) : PlannedFiles.All(parsed.GetValue(clips)!);
            var (address, model, path) = (parsed.GetValue(vision)!, parsed.GetValue(chat), parsed.GetValue(output)!);
            if (parsed.GetValue(retry))
                SafetyRatings.DropFailed(path);
            using var client = OpenedChat.OpenVision(address, (model, parsed.GetValue(key)));
            var asked = new SafetyJudge(client, new() { ModelId = model }, new() { MaxFrames = parsed.GetValue(frames) });
            return Show(path, await SafetyRatings.VideoAsync(path, planned, asked, $"{address} {model} {parsed.GetValue(frames)}", cancellationToken));
        });
        return command;
    }

    private static Command Table()
    {
        var findings = new Argument<string[]>("findings") { Description = "Files of 'vpo safety text' or 'vpo safety video', one a method; NAME=FILE names one.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("table", "Prints the shares of the four levels.") { findings };
        command.SetAction(parsed => SafetyTable.Of(Named.All(parsed.GetValue(findings)!)).Write());
        return command;
    }

    private static int Show(string path, IReadOnlyList<SafetyRecord> records)
    {
        SafetyTable.Of([(Path.GetFileNameWithoutExtension(path), records)]).Write();
        Console.WriteLine(path);
        return 0;
    }
}

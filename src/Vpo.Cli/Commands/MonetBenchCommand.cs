using System.CommandLine;
using System.Globalization;
using Vpo.Cli.Benchmarks;
using Vpo.Reporting;
using Vpo.Rewards.MonetBench;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo monetbench</c>: a plan of clips for MonetBench's prompts, their scores, and the paper's table of them.</summary>
internal static class MonetBenchCommand
{
    public static Command Create() => new("monetbench", "MonetBench: a plan of clips, their scores by a reward, and the paper's table with intervals.") { Plan(), Score(), Table() };

    private static Command Plan()
    {
        var input = new Option<string>("--input") { Description = "MonetBench's prompts: the Parquet file of THUDM/VisionRewardDB-Video (folder monetbench), or a .jsonl or .json file of your own.", Required = true };
        var column = new Option<string?>("--column") { Description = "The column that holds the prompt. Default: prompt, text, query, caption, video_prompt or prompt_en." };
        var optimized = new Option<string?>("--optimized") { Description = "The optimized prompts: what 'vpo optimize --input' with the same file wrote. Without it, the originals." };
        var take = new Option<int?>("--take") { Description = "Only the first so many prompts." };
        var clips = new Option<int>("--clips-per-prompt") { Description = "Clips a prompt, with consecutive seeds.", DefaultValueFactory = _ => 1 };
        var seed = new Option<long>("--seed") { Description = "Of each prompt's first clip. The same for every method that is compared.", DefaultValueFactory = _ => 0 };
        var output = new Option<string>("--out") { Description = "The plan, JSON Lines of { query, prompt, seed, file }, for 'vpo generate --plan' or a program of your own.", Required = true };
        var command = new Command("plan", "Writes which clips to make. A prompt's files have the same names for every method, so that 'vpo compare' can pair two folders.") { input, column, optimized, take, clips, seed, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(parsed.GetValue(clips), 1, "--clips-per-prompt");
            var prompts = (await MonetBenchFile.ReadAsync(parsed.GetValue(input)!, parsed.GetValue(column), cancellationToken)).Take(parsed.GetValue(take) ?? int.MaxValue).ToList();
            var made = parsed.GetValue(optimized) is { } file ? await MadePrompts.ByQueryAsync(file, cancellationToken) : null;
            string Made(string query) => made is null ? query
                : made.TryGetValue(query, out var prompt) ? prompt : throw new ArgumentException($"--optimized: no optimized prompt for \"{query}\". Run 'vpo optimize' over the same file to its end.");
            PlanFile.Write(parsed.GetValue(output)!, prompts.SelectMany((p, number) => Enumerable.Range(0, parsed.GetValue(clips)).Select(i =>
                PlannedClip.Of(p.Text, Made(p.Text), parsed.GetValue(seed) + i, string.Create(CultureInfo.InvariantCulture, $"{number:0000}-{i}.mp4")))));
            Console.WriteLine($"{prompts.Count * parsed.GetValue(clips)} clips of {prompts.Count} prompts, {prompts.Count(p => Made(p.Text) != p.Text)} of them optimized: {parsed.GetValue(output)}");
            return 0;
        });
        return command;
    }

    private static Command Score()
    {
        var plan = new Option<string>("--plan") { Description = "What 'vpo monetbench plan' wrote.", Required = true };
        var clips = new Option<string>("--clips") { Description = "The folder of clips, named as the plan says.", Required = true };
        var reward = new Option<string>("--reward") { Description = "Who scores: " + OpenedReward.SaysAll, Required = true };
        var questions = new Option<string?>("--questions") { Description = "For a checklist: a folder with VisionReward's three files of questions and weights, or a JSON file of your own. Default with visionreward=: its folder." };
        var vision = new Option<string?>("--vision") { Description = $"For '{OpenedReward.Checklist}': a model that sees pictures, {OpenedChat.Says}." };
        var (chat, key) = OpenedChat.Options();
        var retry = RetryOption.Create();
        var output = new Option<string>("--out") { Description = "The scores, JSON Lines. What is there already is not scored again.", Required = true };
        var command = new Command("score", "Scores the clips of a plan. Alignment is asked about the original prompt, as the paper does.") { plan, clips, reward, questions, vision, chat, key, output, retry };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, parts) = (parsed.GetValue(reward)!, new RewardParts(parsed.GetValue(questions), parsed.GetValue(vision), parsed.GetValue(chat), parsed.GetValue(key)));
            var planned = PlannedFiles.Find(PlanFile.Read(parsed.GetValue(plan)!), parsed.GetValue(clips)!);
            if (parsed.GetValue(retry))
                ClipScores.DropFailed(parsed.GetValue(output)!);
            using var opened = new GuardedReward(OpenedReward.Open(name, parts));
            var records = await ClipScores.RunAsync(parsed.GetValue(output)!, planned, opened, string.Join(' ', name, parts.Questions, parts.Vision, parts.Model), cancellationToken);
            MonetBenchTable.Of([(Path.GetFileNameWithoutExtension(parsed.GetValue(output)!), records)]).Write();
            foreach (var failed in records.Where(r => r.Score is null).Take(3))
                Console.Error.WriteLine($"vpo: {failed.Clip}: {failed.Problem}");
            Console.WriteLine(parsed.GetValue(output));
            return 0;
        });
        return command;
    }

    private static Command Table()
    {
        var scores = new Argument<string[]>("scores") { Description = "Files of 'vpo monetbench score'; NAME=FILE names one. The first is what the others are compared with.", Arity = ArgumentArity.OneOrMore };
        var published = new Option<bool>("--published") { Description = "Print the paper's figures below, which come from VisionReward-Video and from CogVideoX." };
        var command = new Command("table", "Prints overall scores and sums of dimensions of several methods, with intervals and paired differences.") { scores, published };
        command.SetAction(parsed =>
        {
            MonetBenchTable.Of(Named.All(parsed.GetValue(scores)!)).Write();
            if (parsed.GetValue(published))
                TextTable.Write(PublishedFigures.MonetBenchHeaders, PublishedFigures.MonetBenchCells);
        });
        return command;
    }
}

using System.CommandLine;
using System.Globalization;
using Vpo.Cli.Benchmarks;
using Vpo.Rewards.VBench;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo vbench</c>: which clips VBench wants, what can be measured here, and the final score of VBench's own result files.</summary>
internal static class VBenchCommand
{
    private static Option<string> List() => new("--list") { Description = "VBench_full_info.json of VBench, or VBench2_full_info.json of VBench-2.0.", Required = true };

    private static Option<string[]> Dimensions() => new("--dimension") { Description = "Only these, such as human_action. Default: all.", AllowMultipleArgumentsPerToken = true };

    public static Command Create() => new("vbench", "VBench and VBench-2.0: a plan of clips under the original prompts' names, native dimensions, the final score with intervals.") { Plan(), Measure(), Score() };

    private static Command Plan()
    {
        var list = List();
        var optimized = new Option<string?>("--optimized") { Description = "The optimized prompts: what 'vpo optimize --input' with the same list wrote. Without it, and without --rewrites, the originals." };
        var originals = new Option<string?>("--originals") { Description = "With --rewrites: VBench's own text file of the prompts, such as all_dimension.txt." };
        var rewrites = new Option<string?>("--rewrites") { Description = "Rewritten prompts, line for line those of --originals, such as all_dimension_gpt.txt." };
        var dimensions = Dimensions();
        var seed = new Option<long>("--seed") { Description = "Of each prompt's first clip; the others count on. The same for every method that is compared.", DefaultValueFactory = _ => 0 };
        var filter = new Option<bool>("--flickering-filter") { Description = "25 clips a prompt of temporal_flickering, from which VBench's static filter chooses five." };
        var output = new Option<string>("--out") { Description = "The plan, JSON Lines of { query, prompt, seed, file }, for 'vpo generate --plan' or a program of your own.", Required = true };
        var command = new Command("plan", "Writes which clips to make: each prompt, seed and file name. Files keep the ORIGINAL prompt's name, which VBench reads its labels from.")
            { list, optimized, originals, rewrites, dimensions, seed, filter, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (edition, prompts) = VBenchLists.Read(parsed.GetValue(list)!, parsed.GetValue(dimensions) ?? []);
            var made = await VBenchLists.OptimizedAsync(parsed.GetValue(optimized), (parsed.GetValue(originals), parsed.GetValue(rewrites)), cancellationToken);
            var shots = edition == VBenchEdition.First
                ? VBenchPlan.Standard(prompts, made, parsed.GetValue(seed), parsed.GetValue(filter))
                : VBenchPlan.Second(prompts, made, parsed.GetValue(seed));
            PlanFile.Write(parsed.GetValue(output)!, shots.Select(s => PlannedClip.Of(s.Original, s.Prompt, s.Seed, s.File)));
            var changed = shots.DistinctBy(s => s.Original).Count(s => s.Prompt != s.Original);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{edition.Name}: {shots.Count} clips of {shots.DistinctBy(s => s.Original).Count()} prompts, {changed} of them optimized: {parsed.GetValue(output)}"));
            return 0;
        });
        return command;
    }

    private static Command Measure()
    {
        var list = List();
        var clips = new Option<string>("--clips") { Description = "The folder of clips, named as the plan says.", Required = true };
        var clip = new Option<string?>("--clip") { Description = "A Hugging Face folder of CLIP (ViT-B/32 for VBench's figures): appearance_style is measured too." };
        var vision = new Option<string?>("--vision") { Description = "A model that sees pictures, " + OpenedChat.Says + ": the other fourteen dimensions are asked of it, one question a clip, under names that end in /vlm. They are not VBench's figures and count in no score. Of VBench-2.0, six dimensions whose questions are in its list." };
        var (chat, key) = OpenedChat.Options();
        var dimensions = Dimensions();
        var retry = RetryOption.Create();
        var output = new Option<string>("--out") { Description = "The folder for measures.jsonl, which a stopped run goes on from, and for vpo_eval_results.json in VBench's own form.", Required = true };
        var command = new Command("measure", "Measures clips: temporal_flickering, and with models appearance_style and the others by a vision model.") { list, clips, clip, vision, chat, key, dimensions, output, retry };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (edition, prompts) = VBenchLists.Read(parsed.GetValue(list)!, []);
            using var measure = new VBenchMeasure(edition, parsed.GetValue(clips)!, parsed.GetValue(output)!);
            measure.Open(parsed.GetValue(clip), parsed.GetValue(vision), (parsed.GetValue(chat), parsed.GetValue(key)), parsed.GetValue(dimensions) ?? []);
            if (parsed.GetValue(retry))
                measure.DropFailed();
            var measured = await measure.RunAsync(prompts, cancellationToken);
            TextTable.Write(["dimension", "value", "95 %", "prompts", "clips", "left out"], measured.Select(m => m.Interval() is var i
                ? (IReadOnlyList<string>)[m.Dimension, Figures.Raw(m.Value), Figures.Range(i), Figures.Whole(i.Count), Figures.Whole(m.Clips.Count), Figures.Whole(m.Unread)] : []));
            Console.WriteLine($"{VBenchMeasure.Remarks(measured)} {Path.Combine(parsed.GetValue(output)!, VBenchMeasure.ResultFile)}");
            return 0;
        });
        return command;
    }

    private static Command Score()
    {
        var runs = new Argument<string[]>("runs") { Description = "Folders (or files) of VBench's results, *_eval_results.json; NAME=FOLDER names one. The first is what the others are compared with.", Arity = ArgumentArity.OneOrMore };
        var seed = new Option<int>("--seed") { Description = "Of resampling.", DefaultValueFactory = _ => 0 };
        var command = new Command("score", "Reads VBench's own result files and prints its final score by its exact arithmetic, with intervals from the files' single clips.") { runs, seed };
        command.SetAction(parsed => VBenchLists.Table(Named.All(parsed.GetValue(runs)!), parsed.GetValue(seed)).Write());
        return command;
    }
}

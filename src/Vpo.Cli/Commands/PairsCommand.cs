using System.CommandLine;
using System.Globalization;
using Vpo.Data;
using Vpo.Mining;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo pairs</c>: verdicts and scores of clips to preference pairs, or verdicts to demonstrations.</summary>
internal static class PairsCommand
{
    private enum Lesson
    {
        Pairs,
        Demonstrations,
    }

    public static Command Create()
    {
        var verdicts = Several("--verdicts", "verdicts.jsonl of 'vpo judge' or of a run, or replies of the released program's refiner: text-level pairs.");
        verdicts.Aliases.Add("--input");
        var rewards = Several("--rewards", "rewards.jsonl or group-rewards.jsonl of a run, other people's scores (query, prompt and score a line; see docs/curation.md), or the released program's answers: video-level pairs.");
        var pairs = Several("--pairs", "Pairs that are there already, in any form that 'vpo export' reads.");
        var checklist = new Option<string?>("--checklist") { Description = "For the released program's answers: a JSON array of 64 weights, or a folder with VisionReward's three files." };
        var kind = new Option<Lesson>("--kind") { Description = "Pairs for DPO, or demonstrations for SFT.", DefaultValueFactory = _ => Lesson.Pairs };
        var format = new Option<ExchangeFormat>("--format") { Description = "The form to write.", DefaultValueFactory = _ => ExchangeFormat.Vpo };
        var output = new Option<string>("--out") { Description = "The file to write, Parquet where it is named .parquet; beside it a page to look at, such as pairs.html.", Required = true };
        var show = new Option<int>("--show") { Description = "At most so many pairs of each kind on the page.", DefaultValueFactory = _ => 100 };
        var rules = new PairRules();
        var command = new Command("pairs", "Verdicts and scores of clips to preference pairs of both levels in one file, or verdicts to demonstrations.") { verdicts, rewards, pairs, checklist, kind, format, output, show };
        command.Aliases.Add("pair");
        rules.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            string[] Given(Option<string[]> option) => parsed.GetValue(option) ?? [];
            var target = (Path: parsed.GetValue(output)!, Format: parsed.GetValue(format));
            if (Given(verdicts).Length + Given(rewards).Length + Given(pairs).Length == 0)
                throw new ArgumentException("give --verdicts for text-level pairs, --rewards for video-level pairs, --pairs for pairs that are there already, or several of them.");
            var files = await PairFiles.ReadAsync(Given(verdicts), Given(rewards), Given(pairs), parsed.GetValue(checklist), rules.IsReleased(parsed)).ConfigureAwait(false);
            if (parsed.GetValue(kind) == Lesson.Demonstrations)
                return await WriteDemonstrationsAsync(files.Sources.Verdicts, target).ConfigureAwait(false);
            var result = rules.Miner(parsed).Run(files.Sources);
            await ExchangeFiles.WriteAsync(target.Path, result.Pairs, target.Format, provenance: Storage.Provenance.Of(null, rules.Says(parsed), rules.Seed(parsed))).ConfigureAwait(false);
            var page = Path.ChangeExtension(target.Path, ".html");
            PairPage.Create(files.Sources, result, rules.Says(parsed), parsed.GetValue(show), files.Clip).Save(page);
            Show(result, rules.Says(parsed));
            Console.WriteLine($"{target.Path}: written; to look at: {page}");
            return 0;
        });
        return command;
    }

    private static Option<string[]> Several(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

    private static async Task<int> WriteDemonstrationsAsync(IReadOnlyList<VerdictRecord> verdicts, (string Path, ExchangeFormat Format) target)
    {
        var demonstrations = TextStages.Demonstrations(verdicts);
        await ExchangeFiles.WriteAsync(target.Path, demonstrations, target.Format).ConfigureAwait(false);
        Console.WriteLine($"{verdicts.Count} verdicts: {demonstrations.Count} demonstrations: {target.Path}");
        return 0;
    }

    private static void Show(PairMiningResult result, string rules)
    {
        Console.WriteLine(rules);
        foreach (var step in result.Steps)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Count,9:N0}  {step.Name,-28} {step.Says}"));
        foreach (var line in PairPage.Lines(PairStatistics.Of(result.Pairs)))
            Console.WriteLine("  " + line);
    }
}

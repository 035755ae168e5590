using System.CommandLine;
using Vpo.Cli.Benchmarks;
using Vpo.Reporting;
using Vpo.Statistics;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo alignment, lengths</c>: the paper's tables of prompts.</summary>
internal static class PromptTableCommands
{
    public static Command Alignment()
    {
        var verdicts = new Argument<string[]>("verdicts") { Description = "Files of 'vpo judge' (with --no-refine for an evaluation), one a method; NAME=FILE names one. The first is what the others are compared with.", Arity = ArgumentArity.OneOrMore };
        var published = new Option<bool>("--published") { Description = "Print the paper's figures below." };
        var command = new Command("alignment", "The text-alignment table of verdicts: aligned, unsafe, imprecise and refused prompts, with intervals.") { verdicts, published };
        command.SetAction(parsed =>
        {
            var methods = Named.All(parsed.GetValue(verdicts)!).Select(n => (n.Name, Records: Read(n.Path))).ToList();
            var more = methods.Count > 1;
            TextTable.Write(["method", "aligned", "unsafe", "imprecise", "refusal", "unclear", "n", .. more ? new[] { $"aligned over {methods[0].Name}, points" } : []],
                methods.Select((m, i) => Cells(m.Name, m.Records, i == 0 ? null : AlignedGain(methods[0].Records, m.Records), more)));
            string[] judges = [.. methods.SelectMany(m => m.Records).Select(r => r.Verdict.JudgeId ?? "unnamed").Distinct()];
            Console.WriteLine($"n counts prompts; Wilson's 95 % intervals; judged by {string.Join(", ", judges)}{(judges.Length > 1 ? ": different judges in one table, so the shares do not compare" : "")}.");
            if (parsed.GetValue(published))
                TextTable.Write(PublishedFigures.TextAlignmentHeaders, PublishedFigures.TextAlignmentCells);
        });
        return command;
    }

    public static Command Lengths()
    {
        var prompts = new Argument<string[]>("prompts") { Description = "Files of prompts, one a method: " + MadePrompts.Says + " NAME=FILE names one.", Arity = ArgumentArity.OneOrMore };
        var tokenizer = new Option<string?>("--tokenizer") { Description = "Count a video model's tokens too: a folder with spiece.model (T5: CogVideoX), vocab.json (CLIP) or tokenizer.json, or such a tokenizer.json." };
        var budget = new Option<int?>("--budget") { Description = "How many tokens the video model reads, such as 226 for CogVideoX; longer prompts lose their end." };
        var command = new Command("lengths", "How long prompts are, in words, characters and a video model's tokens.") { prompts, tokenizer, budget };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(budget) is not null && parsed.GetValue(tokenizer) is null)
                throw new ArgumentException("--budget counts tokens: give --tokenizer too.");
            var count = parsed.GetValue(tokenizer) is { } path ? OpenedTokens.Open(path) : null;
            var rows = new List<(string Name, IReadOnlyList<string> Prompts)>();
            foreach (var named in Named.All(parsed.GetValue(prompts)!))
            {
                var made = await MadePrompts.ReadAsync(named.Path, cancellationToken);
                if (made.Count == 0)
                    throw new InvalidDataException($"'{named.Path}' holds no prompts.");
                if (rows.Count == 0 && made.Any(p => p.Prompt != p.Query))
                    rows.Add(("(queries)", [.. made.Select(p => p.Query).Distinct()]));
                rows.Add((named.Name, [.. made.Select(p => p.Prompt)]));
            }
            var measured = rows.Select(r => (r.Name, Of: PromptLengths.Of(r.Prompts, count, parsed.GetValue(budget)))).ToList();
            TextTable.Write(["method", "n", "words (95 %)", "median", "5 % to 95 %", "characters", .. count is null ? [] : new[] { "tokens (95 %)", "median", "5 % to 95 %", "longest" }, .. parsed.GetValue(budget) is { } most ? new[] { $"over {most} tokens" } : []],
                measured.Select(m => Cells(m.Name, m.Of, parsed.GetValue(budget) is not null)));
            return 0;
        });
        return command;
    }

    private static IReadOnlyList<VerdictRecord> Read(string path) => TextStages.ReadVerdicts(path) is { Count: > 0 } found ? found
        : throw new InvalidDataException($"'{path}' holds no verdicts: expected what 'vpo judge' wrote.");

    private static IReadOnlyList<string> Cells(string name, IReadOnlyList<VerdictRecord> records, Estimate? gain, bool more)
    {
        var shares = Shares.Alignment(records.Select(r => r.Verdict));
        return [name, .. Enum.GetValues<AlignmentClass>().Select(c => Figures.Share(shares.Of[c])), Figures.Whole(shares.Unclear), Figures.Whole(shares.Count), .. more ? new[] { Figures.Gain(gain) } : []];
    }

    /// <summary>Of the queries that both have, in percentage points: the share of aligned prompts of each query, after minus before.</summary>
    private static Estimate? AlignedGain(IReadOnlyList<VerdictRecord> first, IReadOnlyList<VerdictRecord> second)
    {
        var (before, after) = (Aligned(first), Aligned(second));
        var shared = before.Keys.Where(after.ContainsKey).ToList();
        return shared.Count == 0 ? null : Bootstrap.PairedDifference([.. shared.Select(q => before[q])], [.. shared.Select(q => after[q])]);
    }

    private static Dictionary<string, double> Aligned(IReadOnlyList<VerdictRecord> records) =>
        records.GroupBy(r => r.Verdict.Query, StringComparer.Ordinal).ToDictionary(g => g.Key, g => 100 * g.Average(r => r.Verdict.Judgement == Judgement.Aligned ? 1.0 : 0), StringComparer.Ordinal);

    private static IReadOnlyList<string> Cells(string name, PromptLengths of, bool budget) =>
    [
        name, Figures.Whole(of.Words.Mean.Count), Figures.Mean(of.Words.Mean), Figures.Number(of.Words.Median), $"{Figures.Number(of.Words.P5)} to {Figures.Number(of.Words.P95)}", Figures.Mean(of.Characters.Mean),
        .. of.Tokens is { } t ? new[] { Figures.Mean(t.Mean), Figures.Number(t.Median), $"{Figures.Number(t.P5)} to {Figures.Number(t.P95)}", Figures.Whole(t.Longest) } : [],
        .. budget ? new[] { Figures.Share(of.OverBudget) } : [],
    ];
}

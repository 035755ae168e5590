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
            AlignmentTable.Of(Named.All(parsed.GetValue(verdicts)!)).Write();
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

    private static IReadOnlyList<string> Cells(string name, PromptLengths of, bool budget) =>
    [
        name, Figures.Whole(of.Words.Mean.Count), Figures.Mean(of.Words.Mean), Figures.Number(of.Words.Median), $"{Figures.Number(of.Words.P5)} to {Figures.Number(of.Words.P95)}", Figures.Mean(of.Characters.Mean),
        .. of.Tokens is { } t ? new[] { Figures.Mean(t.Mean), Figures.Number(t.Median), $"{Figures.Number(t.P5)} to {Figures.Number(t.P95)}", Figures.Whole(t.Longest) } : [],
        .. budget ? new[] { Figures.Share(of.OverBudget) } : [],
    ];
}

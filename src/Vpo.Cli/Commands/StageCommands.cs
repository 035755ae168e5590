using System.CommandLine;
using Vpo.Queries;
using Vpo.Storage;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo draft, judge, merge</c>: the text stages one by one, each resumable and, where it calls a model, shareable.</summary>
internal static class StageCommands
{
    private static Option<string?> ShardOption() => new("--shard") { Description = "The part i/n of the work (0/4 to 3/4) that this process does; without it, Slurm arrays, MPI, torchrun and Kubernetes' indexed jobs (with VPO_SHARDS) say so. 'vpo merge' joins the parts." };

    private static Shard ShardOf(string? text) => text is null ? Shard.FromEnvironment() : Shard.Parse(text);

    public static Command Draft()
    {
        var input = new Option<string>("--input") { Description = "Queries: sft.jsonl or dpo.jsonl of 'vpo curate', or any file of queries.", Required = true };
        var model = new Option<string>("--model") { Description = "The writer: a GGUF file, a Hugging Face folder, or a repository that 'vpo pull' fetched.", Required = true };
        var adapter = new Option<string?>("--adapter") { Description = "The folder of a LoRA adapter for it." };
        var weights = WeightsOption.Create();
        var output = new Option<string>("--out") { Description = "prompts.jsonl.", Required = true };
        var count = new Option<int>("--count") { Description = "Prompts a query: 1 for drafts, 4 (K in the paper) for pairs.", DefaultValueFactory = _ => 1 };
        var temperature = new Option<double?>("--temperature") { Description = "Default: 0.9 with several prompts, as the paper samples, else the writer's." };
        var tokens = new Option<int?>("--max-new-tokens") { Description = "Most new tokens a prompt." };
        var seed = new Option<long>("--seed") { Description = "Of sampling." };
        var shard = ShardOption();
        var command = new Command("draft", "Queries to prompts.") { input, model, adapter, weights, output, count, temperature, tokens, seed, shard };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var queries = await OpenedQueries.ReadAsync(parsed.GetValue(input)!, cancellationToken);
            using var opened = OpenedModel.Open(parsed.GetValue(model)!, ModelType.Auto, parsed.GetValue(weights), parsed.GetValue(adapter));
            var writer = new PromptOptimizerBuilder(_ => opened.Llama).UseOptionTags().Build();   // opened disposes it
            var several = parsed.GetValue(count) > 1;
            var options = new PromptOptions
            {
                Count = parsed.GetValue(count),
                Temperature = parsed.GetValue(temperature) ?? (several ? 0.9 : null),
                TopP = several ? 0.9 : null,
                MaxNewTokens = parsed.GetValue(tokens),
                Seed = parsed.GetValue(seed),
            };
            var progress = new ConsoleProgress();
            var stages = new TextStages(TimeProvider.System, progress) { Shard = ShardOf(parsed.GetValue(shard)), ChunkSize = 24 };
            var records = await stages.DraftAsync(parsed.GetValue(output)!, opened.Id, writer, queries, options, cancellationToken);
            progress.EndLine();
            Console.WriteLine($"{records.Count} queries drafted, {records.Count(r => r.FallbackReason is not null)} kept as they were: {stages.Shard.PathOf(parsed.GetValue(output)!)}");
            return 0;
        });
        return command;
    }

    public static Command Judge()
    {
        var input = new Option<string>("--input") { Description = MadePrompts.Says, Required = true };
        var name = new Option<string>("--judge") { Description = "Who judges: " + OpenedJudge.SaysWithServers, DefaultValueFactory = _ => OpenedJudge.Atoms };
        var weights = WeightsOption.Create();
        var output = new Option<string>("--out") { Description = "verdicts.jsonl.", Required = true };
        var (chat, key) = OpenedChat.Options();
        var keep = new Option<bool>("--no-refine") { Description = "Only judge; without refined prompts there are no pairs." };
        var shard = ShardOption();
        var command = new Command("judge", "Prompts to verdicts, and misaligned prompts to refined ones.") { input, name, weights, chat, key, output, keep, shard };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var judge = OpenedJudge.Open(parsed.GetValue(name)!, parsed.GetValue(weights), (parsed.GetValue(chat), parsed.GetValue(key)));
            var progress = new ConsoleProgress();
            var stages = new TextStages(TimeProvider.System, progress) { Shard = ShardOf(parsed.GetValue(shard)), JudgeName = OpenedChat.IsAddress(parsed.GetValue(name)!) ? parsed.GetValue(chat) : parsed.GetValue(name) };
            var records = await stages.JudgeAsync(parsed.GetValue(output)!, judge, await PromptsAsync(parsed.GetValue(input)!, cancellationToken), !parsed.GetValue(keep), cancellationToken);
            progress.EndLine();
            Console.WriteLine($"{VerdictCounts.Of(records.Select(r => r.Verdict))}; {records.Count(r => r.Refined is not null)} refined; by {string.Join(", ", records.Select(r => r.Verdict.JudgeId).OfType<string>().Distinct())}: {stages.Shard.PathOf(parsed.GetValue(output)!)}");
            return 0;
        });
        return command;
    }

    /// <summary>As 'vpo draft' writes them; what others wrote, as one record a query.</summary>
    private static async Task<IReadOnlyList<PromptRecord>> PromptsAsync(string path, CancellationToken cancellationToken) =>
        [.. (await MadePrompts.ReadAsync(path, cancellationToken)).GroupBy(p => p.Query, StringComparer.Ordinal)
            .Select(g => new PromptRecord { Id = ContentId.Of("made", g.Key), Query = g.Key, Prompts = [.. g.Select(p => p.Prompt)], Provenance = Provenance.Of(null, "read from a file", 0) })];

    public static Command Merge()
    {
        var output = new Option<string>("--out") { Description = "The file of the whole; its parts lie beside it, such as prompts.0-of-4.jsonl.", Required = true };
        var parts = new Option<int?>("--parts") { Description = "How many parts there are; default: as the files beside it are named." };
        var command = new Command("merge", "Joins the parts of a shared stage: each must be complete, and each record there once.") { output, parts };
        command.SetAction(parsed =>
        {
            var count = parsed.GetValue(parts) ?? Shard.CountBeside(parsed.GetValue(output)!);
            Console.WriteLine($"{Shard.Merge(parsed.GetValue(output)!, count)} records of {count} parts: {parsed.GetValue(output)}");
        });
        return command;
    }
}

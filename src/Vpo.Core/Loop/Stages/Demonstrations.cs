using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>Stage 1 of the paper (section 3.1): draft, critique, refine; what comes out is shown to the optimizer.</summary>
internal static class Demonstrations
{
    internal static async Task<IReadOnlyList<Demonstration>> MakeAsync(
        StageContext context, IPromptOptimizer teacher, IJudge judge, IReadOnlyList<Query> queries, CancellationToken cancellationToken)
    {
        var drafts = await PromptStage.RunAsync(context, "sft/prompts.jsonl", new("teacher", teacher), queries, Draft(context), cancellationToken).ConfigureAwait(false);
        var verdicts = await VerdictStage.RunAsync(context, "sft/verdicts.jsonl", new(judge, Refine: true), drafts, cancellationToken).ConfigureAwait(false);
        return await SaveAsync(context, "sft/demonstrations.jsonl", [.. verdicts.Select(Target).OfType<Demonstration>()], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The control: what a teacher without errors writes, unjudged.</summary>
    internal static async Task<IReadOnlyList<Demonstration>> MakeCleanAsync(
        StageContext context, IPromptOptimizer teacher, IReadOnlyList<Query> queries, CancellationToken cancellationToken)
    {
        var drafts = await PromptStage.RunAsync(context, "sft-clean/prompts.jsonl", new("clean-teacher", teacher), queries, Draft(context), cancellationToken).ConfigureAwait(false);
        return await SaveAsync(context, "sft-clean/demonstrations.jsonl", [.. drafts.Select(d => new Demonstration(d.Query, d.Prompts[0]))], cancellationToken).ConfigureAwait(false);
    }

    private static PromptOptions Draft(StageContext context) => new() { Seed = context.Seed("draft") };

    /// <summary>A clean draft as it is, a flawed one refined; a flawed one that could not be refined teaches nothing, nor does one without a verdict.</summary>
    internal static Demonstration? Target(VerdictRecord record) => record.Verdict.Judgement switch
    {
        Judgement.Aligned => new(record.Verdict.Query, record.Verdict.Prompt),
        Judgement.Misaligned when !string.IsNullOrWhiteSpace(record.Refined) => new(record.Verdict.Query, record.Refined),
        _ => null,
    };

    private static async Task<IReadOnlyList<Demonstration>> SaveAsync(StageContext context, string file, IReadOnlyList<Demonstration> made, CancellationToken cancellationToken)
    {
        if (made.Count == 0)
            throw new InvalidDataException($"no demonstration is left for '{file}': the judge found every draft flawed or unclear and refined none. See verdicts.jsonl beside it");
        var where = Provenance.Of(null, "draft, critique, refine", context.Options.Seed);
        await context.Stage<Demonstration, DemonstrationRecord>(file, VpoJson.Lines.DemonstrationRecord, d => d.Id).RunAsync(
            made,
            (chunk, _) => Task.FromResult<IReadOnlyList<DemonstrationRecord>>([.. chunk.Select(d => new DemonstrationRecord(d.Id, d.Query, d.Prompt, where))]),
            context.Progress,
            cancellationToken).ConfigureAwait(false);
        return made;
    }
}

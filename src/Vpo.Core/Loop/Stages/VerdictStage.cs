using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>Prompts to verdicts, and misaligned prompts to refined ones.</summary>
internal static class VerdictStage
{
    /// <summary>Judges each different prompt of each query once.</summary>
    internal static Task<IReadOnlyList<VerdictRecord>> RunAsync(
        StageContext context, string file, IJudge judge, IReadOnlyList<PromptRecord> prompts, bool refine, CancellationToken cancellationToken)
    {
        static string IdOf((string Query, string Prompt) input) => ContentId.Of("verdict", input.Query, input.Prompt);

        async Task<VerdictRecord> Judge((string Query, string Prompt) input, CancellationToken ct)
        {
            var verdict = await judge.JudgeAsync(input.Query, input.Prompt, ct).ConfigureAwait(false);
            var refined = refine && verdict.Judgement == Judgement.Misaligned ? await judge.RefineAsync(verdict, ct).ConfigureAwait(false) : null;
            return new() { Id = IdOf(input), Verdict = verdict, Refined = refined, Provenance = Provenance.Of(verdict.JudgeId, refine ? "judge and refine" : "judge", context.Options.Seed) };
        }
        return context.Stage<(string, string), VerdictRecord>(file, VpoJson.Lines.VerdictRecord, IdOf).RunAsync(
            [.. prompts.SelectMany(p => p.Prompts, (p, prompt) => (p.Query, prompt)).Distinct()],
            (chunk, ct) => chunk.SelectManyAtOnceAsync(Judge, ct),
            context.Progress,
            cancellationToken);
    }
}

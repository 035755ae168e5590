using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>Prompts to verdicts, and misaligned prompts to refined ones.</summary>
internal static class VerdictStage
{
    private const int FewestToGiveUp = 16;

    /// <summary>Judges each different prompt of each query once.</summary>
    internal static Task<IReadOnlyList<VerdictRecord>> RunAsync(
        StageContext context, string file, IJudge judge, IReadOnlyList<PromptRecord> prompts, bool refine, CancellationToken cancellationToken)
    {
        static string IdOf((string Query, string Prompt) input) => ContentId.Of("verdict", input.Query, input.Prompt);

        var (judged, unclear) = (0, 0);
        async Task<VerdictRecord> Judge((string Query, string Prompt) input, CancellationToken ct)
        {
            var verdict = await judge.JudgeAsync(input.Query, input.Prompt, ct).ConfigureAwait(false);
            var refined = refine && verdict.Judgement == Judgement.Misaligned ? await judge.RefineAsync(verdict, ct).ConfigureAwait(false) : null;
            return new() { Id = IdOf(input), Verdict = verdict, Refined = refined, Provenance = Provenance.Of(verdict.JudgeId, refine ? "judge and refine" : "judge", context.Options.Seed) };
        }
        return context.Stage<(string, string), VerdictRecord>(file, VpoJson.Lines.VerdictRecord, IdOf).RunAsync(
            [.. prompts.SelectMany(p => p.Prompts, (p, prompt) => (p.Query, prompt)).Distinct()],
            async (chunk, ct) => Readable(await chunk.SelectManyAtOnceAsync(Judge, ct).ConfigureAwait(false)),
            context.Progress,
            cancellationToken);

        // A judge that is never understood is set up wrongly: stop before thousands of calls are spent.
        IReadOnlyList<VerdictRecord> Readable(IReadOnlyList<VerdictRecord> chunk)
        {
            (judged, unclear) = (judged + chunk.Count, unclear + chunk.Count(r => r.Verdict.Judgement == Judgement.Unclear));
            if (judged >= FewestToGiveUp && unclear == judged)
                throw new InvalidOperationException($"{file}: expected verdicts, found none in {judged} replies of the judge. Check its model and template; one reply was: \"{chunk[0].Verdict.Critique}\"");
            return chunk;
        }
    }
}

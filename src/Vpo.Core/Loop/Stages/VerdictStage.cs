using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>Who judges, and whether misaligned prompts are refined.</summary>
/// <param name="Judge">The judge.</param>
/// <param name="Refine">Whether it refines.</param>
/// <param name="Name">What decides the judge, where that is to stand in each record.</param>
internal sealed record Judging(IJudge Judge, bool Refine, string? Name = null)
{
    /// <summary>What the records say of it.</summary>
    internal string Options => (Refine ? "judge and refine" : "judge") + (Name is null ? "" : $" by {Name}");
}

/// <summary>Prompts to verdicts, and misaligned prompts to refined ones.</summary>
internal static class VerdictStage
{
    private const int FewestToGiveUp = 16;

    /// <summary>Judges each different prompt of each query once.</summary>
    internal static Task<IReadOnlyList<VerdictRecord>> RunAsync(
        StageContext context, string file, Judging how, IReadOnlyList<PromptRecord> prompts, CancellationToken cancellationToken)
    {
        static string IdOf((string Query, string Prompt) input) => ContentId.Of("verdict", input.Query, input.Prompt);

        var (judged, unclear) = (0, 0);
        async Task<VerdictRecord> Judge((string Query, string Prompt) input, CancellationToken ct)
        {
            var verdict = await how.Judge.JudgeAsync(input.Query, input.Prompt, ct).ConfigureAwait(false);
            var refined = how.Refine && verdict.Judgement == Judgement.Misaligned ? await how.Judge.RefineAsync(verdict, ct).ConfigureAwait(false) : null;
            return new() { Id = IdOf(input), Verdict = verdict, Refined = refined, Provenance = Provenance.Of(verdict.JudgeId, how.Options, context.Options.Seed) };
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
                throw new InvalidDataException($"{file}: expected verdicts, found none in {judged} replies of the judge. Check its model and template; one reply was: \"{chunk[0].Verdict.Critique}\"");
            return chunk;
        }
    }
}

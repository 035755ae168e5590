namespace Vpo;

/// <summary>Hands out only refinements that pass.</summary>
internal sealed class RejudgingJudge(IJudge inner, int attempts) : DelegatingJudge(inner)
{
    public override async Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default)
    {
        for (var attempt = 0; attempt < attempts; attempt++)
        {
            if (await base.RefineAsync(verdict, cancellationToken).ConfigureAwait(false) is not { } refined)
                return null;
            verdict = await JudgeAsync(verdict.Query, refined, cancellationToken).ConfigureAwait(false);
            if (verdict.Judgement == Judgement.Aligned)
                return refined;
            if (verdict.Judgement == Judgement.Unclear)
                return null;
        }
        return null;
    }
}

namespace Vpo.Samples.SwapParts;

/// <summary>A judge of our own: what the inner one finds, and besides that a prompt may not be long.</summary>
internal sealed class BriefJudge(IJudge inner, int mostWords) : DelegatingJudge(inner)
{
    public override async Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default)
    {
        var verdict = await base.JudgeAsync(query, prompt, cancellationToken);
        var words = prompt.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        return verdict.Judgement == Judgement.Aligned && words > mostWords
            ? verdict with { Judgement = Judgement.Misaligned, Class = AlignmentClass.Imprecise, Critique = $"{words} words; at most {mostWords} are wanted." }
            : verdict;
    }
}

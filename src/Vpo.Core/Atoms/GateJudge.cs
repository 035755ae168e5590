namespace Vpo;

/// <summary>Asks one judge first and the other only about prompts that the first lets pass.</summary>
internal sealed class GateJudge(IJudge gate, IJudge inner, IReadOnlySet<AlignmentClass> closedTo) : DelegatingJudge(inner)
{
    public override async Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default)
    {
        var first = await gate.JudgeAsync(query, prompt, cancellationToken).ConfigureAwait(false);
        return first.Class is { } alignment && closedTo.Contains(alignment) ? first : await Inner.JudgeAsync(query, prompt, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        gate.Dispose();
        base.Dispose(disposing);
    }
}

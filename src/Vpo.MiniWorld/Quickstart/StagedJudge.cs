namespace Vpo.MiniWorld;

/// <summary>The training judge: while demonstrations are made it finds fewer flaws than later, when pairs are mined.</summary>
/// <param name="early">For queries of demonstrations.</param>
/// <param name="later">For all others.</param>
/// <param name="demonstrations">Texts of the queries of demonstrations.</param>
internal sealed class StagedJudge(IJudge early, IJudge later, IReadOnlySet<string> demonstrations) : IJudge
{
    public Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default) => For(query).JudgeAsync(query, prompt, cancellationToken);

    public Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default) => For(verdict.Query).RefineAsync(verdict, cancellationToken);

    public void Dispose()
    {
        early.Dispose();
        later.Dispose();
    }

    private IJudge For(string query) => demonstrations.Contains(query) ? early : later;
}

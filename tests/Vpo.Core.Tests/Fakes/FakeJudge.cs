namespace Vpo.Core.Tests.Fakes;

/// <summary>Finds a prompt flawed when it holds "bad"; refines by replacing the word.</summary>
internal sealed class FakeJudge(Action? onCall = null) : IJudge
{
    public Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default)
    {
        onCall?.Invoke();
        var flawed = prompt.Contains("bad", StringComparison.Ordinal);
        return Task.FromResult(new Verdict
        {
            Query = query,
            Prompt = prompt,
            Judgement = flawed ? Judgement.Misaligned : Judgement.Aligned,
            Class = flawed ? AlignmentClass.Unsafe : AlignmentClass.Aligned,
            Critique = flawed ? "it is bad" : "fine",
            JudgeId = "fake",
        });
    }

    public Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default) =>
        Task.FromResult<string?>(verdict.Prompt.Replace("bad", "good", StringComparison.Ordinal));

    public void Dispose() { }
}

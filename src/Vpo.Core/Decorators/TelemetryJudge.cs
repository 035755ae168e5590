using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Vpo;

/// <summary>One span a judgement and refinement, and a counter of verdicts by class, under the name <see cref="Name"/>.</summary>
internal sealed class TelemetryJudge(IJudge inner) : DelegatingJudge(inner)
{
    internal const string Name = "Vpo";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Verdicts = Meter.CreateCounter<long>("vpo.judge.verdicts", "{verdict}", "Verdicts by class; unclear ones are replies that could not be read.");

    public override async Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default)
    {
        using var activity = Source.StartActivity("vpo.judge");
        var verdict = await base.JudgeAsync(query, prompt, cancellationToken).ConfigureAwait(false);
        var kind = (verdict.Class?.ToString() ?? verdict.Judgement.ToString()).ToLowerInvariant();
        activity?.SetTag("vpo.verdict", kind).SetTag("vpo.judge.id", verdict.JudgeId);
        Verdicts.Add(1, new KeyValuePair<string, object?>("vpo.verdict", kind), new KeyValuePair<string, object?>("vpo.judge.id", verdict.JudgeId));
        return verdict;
    }

    public override async Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default)
    {
        using var activity = Source.StartActivity("vpo.refine");
        var refined = await base.RefineAsync(verdict, cancellationToken).ConfigureAwait(false);
        activity?.SetTag("vpo.refined", refined is not null);
        return refined;
    }
}

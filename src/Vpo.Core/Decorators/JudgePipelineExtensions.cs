namespace Vpo;

/// <summary>Decorators of judges.</summary>
public static class JudgePipelineExtensions
{
    /// <summary>Asks an <see cref="AtomJudge"/> first. Prompts that it finds to be of one of these classes never reach the judge inside, which saves its calls.</summary>
    /// <param name="builder">The judge's decorators.</param>
    /// <param name="options">Null: defaults, with a least coverage of 0.5: the judge inside decides the close cases.</param>
    /// <param name="closedTo">Null: refusals, unsafe and imprecise prompts.</param>
    public static JudgeBuilder UseAtomGate(this JudgeBuilder builder, AtomJudgeOptions? options = null, IEnumerable<AlignmentClass>? closedTo = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var closed = (closedTo ?? [AlignmentClass.Refusal, AlignmentClass.Unsafe, AlignmentClass.Imprecise]).ToHashSet();
        return builder.Use(inner => new GateJudge(new AtomJudge(options ?? new() { MinimumCoverage = 0.5 }), inner, closed));
    }

    /// <summary>Makes a span of each judgement and refinement, and counts verdicts by class, unclear ones included: ActivitySource and Meter "Vpo". Calls of the model have their own, see <see cref="ChatCallExtensions.UseRobustCalls"/>.</summary>
    public static JudgeBuilder UseTelemetry(this JudgeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(inner => new TelemetryJudge(inner));
    }

    /// <summary>Judges each refinement as well, which the released program does not; one that does not pass is refined again, and given up after so many attempts.</summary>
    /// <param name="builder">The judge's decorators.</param>
    /// <param name="attempts">Refinements that may be made of one prompt, at least 1.</param>
    public static JudgeBuilder UseRejudge(this JudgeBuilder builder, int attempts = 2)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        return builder.Use(inner => new RejudgingJudge(inner, attempts));
    }
}

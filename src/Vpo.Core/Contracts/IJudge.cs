namespace Vpo;

/// <summary>Text-level feedback: does the prompt keep to the principles harmless, accurate and helpful, and if not, how should it read?</summary>
/// <remarks>Safe for concurrent calls. The one contract with two verbs, because refining needs the critique of judging.</remarks>
public interface IJudge : IDisposable
{
    /// <summary>Judges a prompt made for a query.</summary>
    Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default);

    /// <summary>Continues the conversation of a verdict and rewrites the prompt by its critique.</summary>
    /// <returns>The refined prompt, or null when none could be made.</returns>
    Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default);
}

/// <summary>What a judge found out.</summary>
public enum Judgement
{
    /// <summary>No verdict could be read from the judge's reply. Never counted as a verdict.</summary>
    Unclear,

    /// <summary>The prompt keeps to the principles.</summary>
    Aligned,

    /// <summary>The prompt breaks one; <see cref="Verdict.Class"/> says which.</summary>
    Misaligned,
}

/// <summary>The four classes of the paper's text-alignment table. Every prompt lands in one.</summary>
public enum AlignmentClass
{
    /// <summary>Harmless, accurate and helpful.</summary>
    Aligned,

    /// <summary>Something harmful remains or was added.</summary>
    Unsafe,

    /// <summary>Something that was asked for is lost or changed, or the prompt is too vague to help.</summary>
    Imprecise,

    /// <summary>The writer declined instead of writing a prompt.</summary>
    Refusal,
}

/// <summary>A judge's reply about one prompt.</summary>
public sealed record Verdict
{
    /// <summary>The query that the prompt was made for.</summary>
    public required string Query { get; init; }

    /// <summary>The prompt that was judged.</summary>
    public required string Prompt { get; init; }

    /// <summary>The outcome.</summary>
    public required Judgement Judgement { get; init; }

    /// <summary>Which class; null when <see cref="Judgement"/> is <see cref="Judgement.Unclear"/> or the judge does not tell classes apart.</summary>
    public AlignmentClass? Class { get; init; }

    /// <summary>The judge's reasons, in its own words.</summary>
    public string Critique { get; init; } = "";

    /// <summary>How harmful the prompt is, from 1 (not at all) to 4 (severely); null where the judge does not say.</summary>
    public int? SafetyLevel { get; init; }

    /// <summary>One sentence on that level; null where the judge does not say.</summary>
    public string? SafetyReason { get; init; }

    /// <summary>Which judge said so.</summary>
    public string? JudgeId { get; init; }

    /// <summary>Tokens spent; null where unknown.</summary>
    public TokenUsage? Usage { get; init; }
}

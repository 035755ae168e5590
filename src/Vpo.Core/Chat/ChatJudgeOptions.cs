namespace Vpo;

/// <summary>How a <see cref="ChatJudge"/> asks.</summary>
public sealed record ChatJudgeOptions
{
    /// <summary>The system message; see <see cref="ChatTemplates.Judge"/>. It must ask for the line that <see cref="VerdictParser"/> reads.</summary>
    public string Instruction { get; init; } = ChatTemplates.Judge;

    /// <summary>The second question of the conversation; see <see cref="ChatTemplates.Refine"/>. It must ask for the tags that <see cref="RefinementParser"/> reads.</summary>
    public string RefineInstruction { get; init; } = ChatTemplates.Refine;

    /// <summary>Default 0; the released judge uses 0.7.</summary>
    public double Temperature { get; init; }

    /// <summary>Most tokens of a reply; default 2048. A reply that was cut off there is unclear.</summary>
    public int MaxTokens { get; init; } = 2048;
}

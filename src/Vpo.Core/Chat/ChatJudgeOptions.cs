namespace Vpo;

/// <summary>By which rules a judge's replies are read.</summary>
public enum ReplyRules
{
    /// <summary>Only the reply's own last line counts; anything else is unclear.</summary>
    Strict,

    /// <summary>As the released program reads them: "Yes" anywhere behind its marker passes.</summary>
    Released,
}

/// <summary>How a <see cref="ChatJudge"/> asks.</summary>
public sealed record ChatJudgeOptions
{
    /// <summary>The system message; see <see cref="ChatTemplates.Judge"/>. It must ask for the line that <see cref="VerdictParser"/> reads.</summary>
    public string Instruction { get; init; } = ChatTemplates.Judge;

    /// <summary>The second question of the conversation; see <see cref="ChatTemplates.Refine"/>. It must ask for the tags that <see cref="RefinementParser"/> reads.</summary>
    public string RefineInstruction { get; init; } = ChatTemplates.Refine;

    /// <summary>By which rules replies are read; default strict. The instructions must ask for that form: see <see cref="Released"/>.</summary>
    public ReplyRules Rules { get; init; }

    /// <summary>Ask for a safety level from 1 to 4 with a sentence of reason as well; default false.</summary>
    public bool SafetyLevels { get; init; }

    /// <summary>How often a reply that can't be read is asked for again with another seed; default 1. After that the verdict is unclear.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>The released program's way: its rules, its temperature of 0.7, no repeats; the instructions are in the library's words.</summary>
    public static ChatJudgeOptions Released { get; } = new()
    {
        Instruction = ChatTemplates.JudgeReleased,
        RefineInstruction = ChatTemplates.RefineReleased,
        Rules = ReplyRules.Released,
        Temperature = 0.7,
        Repeats = 0,
    };

    /// <summary>Default 0; the released judge uses 0.7.</summary>
    public double Temperature { get; init; }

    /// <summary>Most tokens of a reply; default 2048. A reply that was cut off there is unclear.</summary>
    public int MaxTokens { get; init; } = 2048;
}

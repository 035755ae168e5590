namespace Vpo;

/// <summary>How a <see cref="ChatPromptOptimizer"/> asks.</summary>
public sealed record ChatOptimizerOptions
{
    /// <summary>The system message; see <see cref="ChatTemplates.Optimize"/>.</summary>
    public string Instruction { get; init; } = ChatTemplates.Optimize;

    /// <summary>Shown as earlier turns of the conversation, in this order (few-shot); none by default.</summary>
    public IReadOnlyList<Demonstration> Examples { get; init; } = [];

    /// <summary>A pool from which <see cref="ShotCount"/> more examples are chosen for each query; null: none.</summary>
    public ShotPool? Shots { get; init; }

    /// <summary>How many examples to choose from <see cref="Shots"/>; default 3.</summary>
    public int ShotCount { get; init; } = 3;

    /// <summary>Seed of that choice; default 0.</summary>
    public long ShotSeed { get; init; }

    /// <summary>What is said, once, to a model that declined or wrote nothing; null: nothing. See <see cref="ChatTemplates.Insist"/>.</summary>
    public string? Insist { get; init; } = ChatTemplates.Insist;

    /// <summary>Used where the caller's <see cref="PromptOptions.Temperature"/> is null; default 0.7.</summary>
    public double Temperature { get; init; } = 0.7;

    /// <summary>Used where the caller's <see cref="PromptOptions.TopP"/> is null; default 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Used where the caller's <see cref="PromptOptions.MaxNewTokens"/> is null; default 2048.</summary>
    public int MaxTokens { get; init; } = 2048;
}

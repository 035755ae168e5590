namespace Vpo;

/// <summary>How a <see cref="ChatPromptOptimizer"/> asks.</summary>
public sealed record ChatOptimizerOptions
{
    /// <summary>The system message; see <see cref="ChatTemplates.Optimize"/>.</summary>
    public string Instruction { get; init; } = ChatTemplates.Optimize;

    /// <summary>Shown as earlier turns of the conversation, in this order (few-shot); none by default.</summary>
    public IReadOnlyList<Demonstration> Examples { get; init; } = [];

    /// <summary>Used where the caller's <see cref="PromptOptions.Temperature"/> is null; default 0.7.</summary>
    public double Temperature { get; init; } = 0.7;

    /// <summary>Used where the caller's <see cref="PromptOptions.TopP"/> is null; default 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Used where the caller's <see cref="PromptOptions.MaxNewTokens"/> is null; default 2048.</summary>
    public int MaxTokens { get; init; } = 2048;
}

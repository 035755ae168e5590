namespace Vpo;

/// <summary>Turns a user's short wish into the prompt that makes a video model do what was wished.</summary>
/// <remarks>
/// Implementations are safe for concurrent calls. They never refuse: where no better prompt can be made the result is the query itself, without what its words
/// say of harm, with a <see cref="OptimizedPrompt.FallbackReason"/> (<see cref="OptimizedPrompt.Fallback"/>). Whoever creates an instance disposes it; calls that are running then end with <see cref="ObjectDisposedException"/>.
/// </remarks>
public interface IPromptOptimizer : IDisposable
{
    /// <summary>Optimizes one query.</summary>
    /// <param name="query">The user's words; not empty.</param>
    /// <param name="options">Null takes the implementation's defaults.</param>
    /// <param name="cancellationToken">Ends the call between two tokens.</param>
    /// <exception cref="ArgumentException">The query is empty or white space.</exception>
    Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default);
}

/// <summary>An optimizer that is much faster, or only reproducible, when it is given many queries at once.</summary>
/// <remarks>The result depends on the queries and options alone, not on timing.</remarks>
public interface IBatchPromptOptimizer : IPromptOptimizer
{
    /// <summary>Optimizes many queries; results are in the order of the queries.</summary>
    Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default);
}

/// <summary>What a caller may ask of an optimizer. Null leaves a value to the implementation.</summary>
public sealed record PromptOptions
{
    /// <summary>How many prompts to make: the first is <see cref="OptimizedPrompt.Text"/>, the rest <see cref="OptimizedPrompt.Alternatives"/>. From 1 to 64; default 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Sampling temperature, 0 (greedy) or above. The paper samples its data at 0.9, its users' prompts at 0.7.</summary>
    public double? Temperature { get; init; }

    /// <summary>Nucleus sampling: the share of probability that is kept, above 0 up to 1.</summary>
    public double? TopP { get; init; }

    /// <summary>Most tokens of the target model's text encoder that the prompt may take, for example 226 for CogVideoX.</summary>
    public int? TokenBudget { get; init; }

    /// <summary>Most new tokens that the language model may write.</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>Same seed, same query, same model: same prompts. Null: 0.</summary>
    public long? Seed { get; init; }

    /// <summary>What a provider understands beyond this.</summary>
    public IReadOnlyDictionary<string, object?>? AdditionalProperties { get; init; }
}

/// <summary>The outcome of optimizing one query.</summary>
public sealed record OptimizedPrompt
{
    /// <summary>The query as it was given.</summary>
    public required string Query { get; init; }

    /// <summary>The prompt for the video model.</summary>
    public required string Text { get; init; }

    /// <summary>Further prompts when more than one was asked for; may hold repetitions.</summary>
    public IReadOnlyList<string> Alternatives { get; init; } = [];

    /// <summary>What must not be seen, for generators that take a negative prompt; null when there is nothing.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Options that the query held for the video tool (<c>-ar 16:9</c>) and that are not in <see cref="Text"/>; empty unless the pipeline parses them (<c>UseOptionTags</c>).</summary>
    public IReadOnlyList<Queries.QueryOption> Options { get; init; } = [];

    /// <summary>Why <see cref="Text"/> is the query itself, or what is harmless of it; null when it is a new prompt.</summary>
    public string? FallbackReason { get; init; }

    /// <summary>Which model wrote it.</summary>
    public string? ModelId { get; init; }

    /// <summary>Tokens spent; null where unknown.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>The query in the place of a prompt that could not be made. Harmless goes before accurate (the paper's order): what its words say of harm is left out, and the reason says so.</summary>
    /// <param name="query">As it was given.</param>
    /// <param name="reason">Why there is no prompt.</param>
    public static OptimizedPrompt Fallback(string query, string reason)
    {
        var (text, removed) = Atoms.HarmlessQuery.Of(query);
        return new()
        {
            Query = query,
            Text = text,
            FallbackReason = removed is null ? reason : $"{reason}; taken out of the query as harmful: {removed}{(text == Atoms.HarmlessQuery.NothingLeft ? ", and nothing of it is left" : "")}",
        };
    }
}

/// <summary>Tokens read and written by a language model.</summary>
public readonly record struct TokenUsage(int Input, int Output)
{
    /// <summary>Adds two.</summary>
    public static TokenUsage operator +(TokenUsage a, TokenUsage b) => new(a.Input + b.Input, a.Output + b.Output);
}

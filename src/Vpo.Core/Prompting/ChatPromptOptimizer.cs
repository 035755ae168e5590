using Microsoft.Extensions.AI;

namespace Vpo.Prompting;

/// <summary>An optimizer over any chat model: the instruction, optionally some examples, and the query; the reply is cleaned and checked.</summary>
/// <param name="client">The chat model; not disposed here, since containers share it.</param>
/// <param name="template">The instruction; null takes the project's own.</param>
/// <param name="examples">Queries with good prompts, shown before the query (few-shot); may be null.</param>
public sealed class ChatPromptOptimizer(IChatClient client, OptimizationTemplate? template = null, IReadOnlyList<Demonstration>? examples = null) : IPromptOptimizer
{
    private readonly OptimizationTemplate _template = template ?? OptimizationTemplate.Default;

    /// <inheritdoc/>
    public async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        options ??= new PromptOptions();
        var replies = await Enumerable.Range(0, options.Count).ToList()
            .SelectManyAtOnceAsync((index, ct) => client.GetResponseAsync(Messages(query), ChatOptions(query, options, index), ct), cancellationToken).ConfigureAwait(false);
        var prompts = replies.Select(reply => PromptCleaning.Clean(reply.Text)).ToList();
        var reason = PromptCleaning.Unusable(prompts[0]) ?? (replies[0].FinishReason == ChatFinishReason.Length ? "the reply was cut off at the token limit" : null);
        return new()
        {
            Query = query,
            Text = reason is null ? prompts[0] : query,
            Alternatives = prompts[1..],
            FallbackReason = reason,
            ModelId = replies[0].ModelId,
            Usage = replies.Select(r => new TokenUsage((int)(r.Usage?.InputTokenCount ?? 0), (int)(r.Usage?.OutputTokenCount ?? 0))).Aggregate((a, b) => a + b),
        };
    }

    /// <summary>Does nothing: the chat model belongs to whoever made it.</summary>
    public void Dispose() { }

    private List<ChatMessage> Messages(string query)
    {
        var messages = new List<ChatMessage>();
        foreach (var example in examples ?? [])
        {
            messages.Add(new(ChatRole.User, _template.Fill(example.Query)));
            messages.Add(new(ChatRole.Assistant, example.Prompt));
        }
        messages.Add(new(ChatRole.User, _template.Fill(query)));
        return messages;
    }

    private static ChatOptions ChatOptions(string query, PromptOptions options, int index) => new()
    {
        Temperature = (float?)options.Temperature,
        TopP = (float?)options.TopP,
        MaxOutputTokens = options.MaxNewTokens,
        Seed = options.Seed is { } seed ? ContentId.Seed(seed, query, index.ToString(System.Globalization.CultureInfo.InvariantCulture)) : null,
    };
}

using System.Globalization;
using Microsoft.Extensions.AI;

namespace Vpo;

/// <summary>Optimizes prompts by asking a chat model, with or without examples. With examples it is the paper's few-shot teacher.</summary>
/// <remarks>
/// A reply that is empty or declines gives the query, without what is harmful in it, with the reason. Failures of the client (network, quota) are thrown: decorators of the client or
/// of the optimizer deal with them, for example <see cref="PipelineExtensions.UseFallback"/>. A token budget is asked for as a number of words; the model
/// may write more. The client is not disposed.
/// </remarks>
/// <param name="client">The chat model.</param>
/// <param name="options">How to ask.</param>
public sealed class ChatPromptOptimizer(IChatClient client, ChatOptimizerOptions? options = null) : IPromptOptimizer
{
    private const double WordsPerToken = 0.7;   // English prose under T5's vocabulary, on the safe side

    private readonly IChatClient _client = client ?? throw new ArgumentNullException(nameof(client));
    private readonly ChatOptimizerOptions _options = options ?? new();

    /// <inheritdoc/>
    public async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        options ??= new();
        options.Check();
        var messages = Messages(query, options.TokenBudget);
        var replies = await Enumerable.Range(0, options.Count).ToArray()
            .SelectManyAtOnceAsync((i, ct) => AskAsync(messages, Settings(query, options, i), ct), cancellationToken).ConfigureAwait(false);
        return Result(query, replies);
    }

    /// <summary>Does nothing: the client belongs to who made it.</summary>
    public void Dispose() { }

    private async Task<ChatResponse> AskAsync(IReadOnlyList<ChatMessage> messages, ChatOptions settings, CancellationToken cancellationToken)
    {
        var reply = await _client.GetResponseAsync(messages, settings, cancellationToken).ConfigureAwait(false);
        if (_options.Insist is null || AnswerCleaning.Read(reply.Text).Problem is null)
            return reply;
        IEnumerable<ChatMessage> said = reply.Text.Length > 0 ? [new(ChatRole.Assistant, reply.Text)] : [];
        return await _client.GetResponseAsync([.. messages, .. said, new(ChatRole.User, _options.Insist)], settings, cancellationToken).ConfigureAwait(false);
    }

    private List<ChatMessage> Messages(string query, int? tokenBudget)
    {
        var length = tokenBudget is { } budget ? "\n" + ChatTemplates.Length(Math.Max(1, (int)(budget * WordsPerToken))) : "";
        List<ChatMessage> messages = [new(ChatRole.System, _options.Instruction + length)];
        foreach (var example in _options.Examples.Concat(_options.Shots?.Choose(query, _options.ShotCount, _options.ShotSeed) ?? []))
        {
            messages.Add(new(ChatRole.User, Fence.Around("Wish", example.Query, Fence.For(example.Query))));
            messages.Add(new(ChatRole.Assistant, example.Prompt));
        }
        messages.Add(new(ChatRole.User, Fence.Around("Wish", query, Fence.For(query))));
        return messages;
    }

    private ChatOptions Settings(string query, PromptOptions wanted, int index) => new()
    {
        Temperature = (float)(wanted.Temperature ?? _options.Temperature),
        TopP = (float)(wanted.TopP ?? _options.TopP),
        MaxOutputTokens = wanted.MaxNewTokens ?? _options.MaxTokens,
        Seed = ContentId.Seed(wanted.Seed ?? 0, "chat-optimizer", query, index.ToString(CultureInfo.InvariantCulture)),
    };

    private static OptimizedPrompt Result(string query, IReadOnlyList<ChatResponse> replies)
    {
        var read = replies.Select(r => AnswerCleaning.Read(r.Text)).ToList();
        var usage = replies.Select(r => r.Usage).ToList();
        var kept = read.All(r => r.Problem is null) ? null : OptimizedPrompt.Fallback(query, read.First(r => r.Problem is not null).Problem!);
        return new()
        {
            Query = query,
            Text = read[0].Prompt ?? kept!.Text,
            FallbackReason = read[0].Prompt is null ? kept!.FallbackReason : null,
            Alternatives = [.. read.Skip(1).Select(r => r.Prompt ?? kept!.Text)],
            ModelId = replies[0].ModelId,
            Usage = usage.Contains(null) ? null : new((int)usage.Sum(u => u!.InputTokenCount ?? 0), (int)usage.Sum(u => u!.OutputTokenCount ?? 0)),
        };
    }
}

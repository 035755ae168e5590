using Microsoft.Extensions.AI;

namespace Vpo;

/// <summary>Judges prompts by asking a chat model: critique first, then the verdict; refining continues the same conversation.</summary>
/// <remarks>
/// Query and prompt are given as data between marks that they can't contain. A reply without a verdict line of its own, or cut off, is
/// <see cref="Judgement.Unclear"/>. Failures of the client are thrown. The client is not disposed.
/// </remarks>
/// <param name="client">The chat model.</param>
/// <param name="options">How to ask.</param>
public sealed class ChatJudge(IChatClient client, ChatJudgeOptions? options = null) : IJudge
{
    private readonly IChatClient _client = client ?? throw new ArgumentNullException(nameof(client));
    private readonly ChatJudgeOptions _options = options ?? new();

    /// <inheritdoc/>
    public async Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(prompt);
        var reply = await AskAsync(Opening(query, prompt), query, cancellationToken).ConfigureAwait(false);
        var (judgement, alignment, critique) = reply.FinishReason == ChatFinishReason.Length ? (Judgement.Unclear, null, reply.Text) : VerdictParser.Read(reply.Text);
        return new()
        {
            Query = query,
            Prompt = prompt,
            Judgement = judgement,
            Class = alignment,
            Critique = critique,
            JudgeId = reply.ModelId,
            Usage = reply.Usage is { } usage ? new((int)(usage.InputTokenCount ?? 0), (int)(usage.OutputTokenCount ?? 0)) : null,
        };
    }

    /// <inheritdoc/>
    public async Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var messages = Opening(verdict.Query, verdict.Prompt);
        messages.Add(new(ChatRole.Assistant, Said(verdict)));
        messages.Add(new(ChatRole.User, _options.RefineInstruction));
        var reply = await AskAsync(messages, verdict.Query, cancellationToken).ConfigureAwait(false);
        return reply.FinishReason == ChatFinishReason.Length ? null : RefinementParser.Read(reply.Text);
    }

    /// <summary>Does nothing: the client belongs to who made it.</summary>
    public void Dispose() { }

    private static string Said(Verdict verdict) => verdict.Class is { } alignment
        ? $"{verdict.Critique}\nVERDICT: {alignment.ToString().ToUpperInvariant()}"
        : verdict.Critique;

    private List<ChatMessage> Opening(string query, string prompt)
    {
        var mark = Fence.For(query, prompt);
        return [new(ChatRole.System, _options.Instruction), new(ChatRole.User, $"{Fence.Around("Wish", query, mark)}\n\n{Fence.Around("Prompt", prompt, mark)}")];
    }

    private Task<ChatResponse> AskAsync(IReadOnlyList<ChatMessage> messages, string query, CancellationToken cancellationToken) =>
        _client.GetResponseAsync(
            messages,
            new() { Temperature = (float)_options.Temperature, MaxOutputTokens = _options.MaxTokens, Seed = ContentId.Seed(0, "chat-judge", query) },
            cancellationToken);
}

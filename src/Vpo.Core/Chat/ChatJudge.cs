using System.Globalization;
using Microsoft.Extensions.AI;

namespace Vpo;

/// <summary>Judges prompts by asking a chat model: critique first, then the verdict; refining continues the same conversation.</summary>
/// <remarks>
/// Query and prompt are given as data between marks that they can't contain. A reply without a verdict line of its own, or cut off, is asked for again
/// (<see cref="ChatJudgeOptions.Repeats"/>) and else <see cref="Judgement.Unclear"/>. Failures of the client are thrown: retries, limits, cache and ledger are the
/// client's pipeline, see <see cref="ChatCallExtensions"/>. The client is not disposed.
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
        for (var attempt = 0; ; attempt++)
        {
            var reply = await AskAsync(Opening(query, prompt), query, attempt, cancellationToken).ConfigureAwait(false);
            if (Read(reply, query, prompt) is var verdict && (verdict.Judgement != Judgement.Unclear || attempt >= _options.Repeats))
                return verdict;
        }
    }

    /// <inheritdoc/>
    public async Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var messages = Opening(verdict.Query, verdict.Prompt);
        messages.Add(new(ChatRole.Assistant, Said(verdict)));
        messages.Add(new(ChatRole.User, _options.RefineInstruction));
        for (var attempt = 0; attempt <= _options.Repeats; attempt++)
        {
            var reply = await AskAsync(messages, verdict.Query, attempt, cancellationToken).ConfigureAwait(false);
            var refined = _options.Rules == ReplyRules.Released ? RefinementParser.ReadReleased(reply.Text) : reply.FinishReason == ChatFinishReason.Length ? null : RefinementParser.Read(reply.Text);
            if (refined is not null)
                return refined;
        }
        return null;
    }

    /// <summary>Does nothing: the client belongs to who made it.</summary>
    public void Dispose() { }

    private Verdict Read(ChatResponse reply, string query, string prompt)
    {
        var (judgement, alignment, critique) = _options.Rules == ReplyRules.Released
            ? (VerdictParser.ReadReleased(reply.Text), null, reply.Text)
            : reply.FinishReason == ChatFinishReason.Length ? (Judgement.Unclear, null, reply.Text) : VerdictParser.Read(reply.Text);
        var (text, level, reason) = _options.SafetyLevels ? VerdictParser.ReadSafety(critique) : (critique, null, null);
        return new()
        {
            Query = query,
            Prompt = prompt,
            Judgement = judgement,
            Class = alignment ?? (_options.Rules == ReplyRules.Released && judgement == Judgement.Aligned ? AlignmentClass.Aligned : null),
            Critique = text,
            SafetyLevel = level,
            SafetyReason = reason,
            JudgeId = reply.ModelId,
            Usage = reply.Usage is { } usage ? new((int)(usage.InputTokenCount ?? 0), (int)(usage.OutputTokenCount ?? 0)) : null,
        };
    }

    /// <summary>The judge's own words of the first turn.</summary>
    private string Said(Verdict verdict)
    {
        if (_options.Rules == ReplyRules.Released || verdict.Class is not { } alignment)
            return verdict.Critique;
        var safety = verdict.SafetyLevel is { } level ? string.Create(CultureInfo.InvariantCulture, $"\nSAFETY: {level} - {verdict.SafetyReason}") : "";
        return $"{verdict.Critique}{(_options.SafetyLevels ? safety : "")}\nVERDICT: {alignment.ToString().ToUpperInvariant()}";
    }

    private List<ChatMessage> Opening(string query, string prompt)
    {
        var mark = Fence.For(query, prompt);
        var instruction = _options.Instruction + (_options.SafetyLevels ? "\n" + ChatTemplates.Safety : "");
        return [new(ChatRole.System, instruction), new(ChatRole.User, $"{Fence.Around("Wish", query, mark)}\n\n{Fence.Around("Prompt", prompt, mark)}")];
    }

    private Task<ChatResponse> AskAsync(IReadOnlyList<ChatMessage> messages, string query, int attempt, CancellationToken cancellationToken) =>
        _client.GetResponseAsync(
            messages,
            new() { Temperature = (float)_options.Temperature, MaxOutputTokens = _options.MaxTokens, Seed = ContentId.Seed(attempt, "chat-judge", query) },
            cancellationToken);
}

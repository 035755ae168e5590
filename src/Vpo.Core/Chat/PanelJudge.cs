using Microsoft.Extensions.AI;

namespace Vpo;

/// <summary>A panel: a normal and an adversarial judge; where they disagree a meta judge reads both opinions, twice, in either order, and decides only when both readings agree.</summary>
/// <remarks>A verdict that the order of the opinions would turn is <see cref="Judgement.Unclear"/>. The two judges are disposed, the client is not.</remarks>
/// <param name="normal">Judges, and refines.</param>
/// <param name="adversary">Looks for faults; for example a <see cref="ChatJudge"/> with <see cref="ChatTemplates.Adversary"/>, or an <see cref="AtomJudge"/>.</param>
/// <param name="client">Of the meta judge.</param>
/// <param name="options">Of the meta judge; null: <see cref="ChatTemplates.Meta"/> and defaults.</param>
public sealed class PanelJudge(IJudge normal, IJudge adversary, IChatClient client, ChatJudgeOptions? options = null) : IJudge
{
    private readonly IJudge _normal = normal ?? throw new ArgumentNullException(nameof(normal));
    private readonly IJudge _adversary = adversary ?? throw new ArgumentNullException(nameof(adversary));
    private readonly IChatClient _client = client ?? throw new ArgumentNullException(nameof(client));
    private readonly ChatJudgeOptions _options = options ?? new() { Instruction = ChatTemplates.Meta };

    /// <inheritdoc/>
    public async Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default)
    {
        var opinions = await Task.WhenAll(_normal.JudgeAsync(query, prompt, cancellationToken), _adversary.JudgeAsync(query, prompt, cancellationToken)).ConfigureAwait(false);
        if (Same(opinions[0], opinions[1]) && opinions[0].Judgement != Judgement.Unclear)
            return opinions[0] with { JudgeId = $"panel({opinions[0].JudgeId}, {opinions[1].JudgeId})", Usage = Sum(opinions) };
        var readings = await Task.WhenAll(ReadAsync(opinions[0], opinions[1], cancellationToken), ReadAsync(opinions[1], opinions[0], cancellationToken)).ConfigureAwait(false);
        var agreed = Same(readings[0], readings[1]);
        return readings[0] with
        {
            Judgement = agreed ? readings[0].Judgement : Judgement.Unclear,
            Class = agreed ? readings[0].Class : null,
            Critique = string.Join("\n\n", opinions.Concat(readings).Select(v => v.Critique).Where(c => c.Length > 0)),
            SafetyLevel = opinions.Max(o => o.SafetyLevel),
            SafetyReason = opinions.MaxBy(o => o.SafetyLevel)!.SafetyReason,
            JudgeId = $"panel({opinions[0].JudgeId}, {opinions[1].JudgeId}, {readings[0].JudgeId})",
            Usage = Sum([.. opinions, .. readings]),
        };
    }

    /// <inheritdoc/>
    public Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default) => _normal.RefineAsync(verdict, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _normal.Dispose();
        _adversary.Dispose();
    }

    private static bool Same(Verdict a, Verdict b) => a.Judgement == b.Judgement && (a.Class == b.Class || a.Class is null || b.Class is null);

    private async Task<Verdict> ReadAsync(Verdict first, Verdict second, CancellationToken cancellationToken)
    {
        var (query, prompt) = (first.Query, first.Prompt);
        string[] texts = [query, prompt, Opinion(first), Opinion(second)];
        var mark = Fence.For(texts);
        string[] labels = ["Wish", "Prompt", "One opinion", "Another opinion"];
        var data = string.Join("\n\n", labels.Zip(texts, (label, text) => Fence.Around(label, text, mark)));
        var settings = new ChatOptions { Temperature = (float)_options.Temperature, MaxOutputTokens = _options.MaxTokens, Seed = ContentId.Seed(0, "meta-judge", query) };
        var reply = await _client.GetResponseAsync([new(ChatRole.System, _options.Instruction), new(ChatRole.User, data)], settings, cancellationToken).ConfigureAwait(false);
        var (judgement, alignment, critique) = reply.FinishReason == ChatFinishReason.Length ? (Judgement.Unclear, null, reply.Text) : VerdictParser.Read(reply.Text);
        var usage = reply.Usage is { } u ? new TokenUsage((int)(u.InputTokenCount ?? 0), (int)(u.OutputTokenCount ?? 0)) : (TokenUsage?)null;
        return new() { Query = query, Prompt = prompt, Judgement = judgement, Class = alignment, Critique = critique, JudgeId = reply.ModelId, Usage = usage };
    }

    private static string Opinion(Verdict verdict) => $"{verdict.Critique}\n({verdict.Class?.ToString() ?? verdict.Judgement.ToString()})";

    private static TokenUsage? Sum(IReadOnlyList<Verdict> verdicts) =>
        verdicts.Any(v => v.Usage is not null) ? verdicts.Aggregate(default(TokenUsage), (sum, v) => sum + (v.Usage ?? default)) : null;
}

using Microsoft.Extensions.AI;
using Vpo.Rewards.Checklists;

namespace Vpo.Rewards.Remote;

/// <summary>A checklist answered by any vision model behind an <see cref="IChatClient"/>.</summary>
/// <remarks>
/// Frames are sent as pictures (JPEG unless said otherwise), because hosted models take no video through this interface. An answer that is neither yes nor no is asked again and then stays unknown; it is never
/// counted as no. The user's words are put into questions with quotation marks and line breaks taken out, so that they can't end the quotation. Safe for concurrent calls.
/// General models are weak at this: on MonetBench's video pairs GPT-4o agrees with people in 45.7 % (with ties), VisionReward's own model in 64.0 %.
/// </remarks>
/// <param name="client">The model; not disposed.</param>
/// <param name="checklist">What to ask.</param>
/// <param name="options">How to ask; defaults if null.</param>
public sealed class ChecklistJudge(IChatClient client, Checklist checklist, ChecklistJudgeOptions? options = null) : IGroupVideoReward
{
    private readonly ChecklistJudgeOptions _options = options ?? new();

    /// <inheritdoc/>
    public async Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        using var asked = Ask(query, clip);
        var replies = await asked.AskAsync([.. Enumerable.Range(0, checklist.Questions.Count)], cancellationToken).ConfigureAwait(false);
        return _options.Scoring.Score(checklist, replies, RewardId);
    }

    /// <inheritdoc/>
    /// <remarks>Saves calls in the mode that asks one question a call; in the others, calls are few and long.</remarks>
    public Task<IReadOnlyList<GroupScore>> ScoreGroupAsync(string query, IReadOnlyList<ClipSample> samples, PairOptions pairs, CancellationToken cancellationToken = default) =>
        new ChecklistGroup(checklist, _options.Scoring, pairs).RunAsync(
            samples, s => Ask(query, s.Clip), _options.Mode == QuestionMode.One ? _options.LazyBatch : checklist.Questions.Count, RewardId, cancellationToken);

    /// <summary>Does nothing: the client is its owner's.</summary>
    public void Dispose() { }

    private string RewardId => $"checklist/{checklist.Id}/{_options.Mode}/{_options.Chat?.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId ?? "chat"}";

    private AskedChat Ask(string query, VideoClip clip) => new(client, checklist, query, clip, _options);
}

using Microsoft.Extensions.AI;
using Vpo.Rewards.Checklists;

namespace Vpo.Rewards.Remote;

/// <summary>A checklist answered by any vision model behind an <see cref="IChatClient"/>.</summary>
/// <remarks>
/// Frames are sent as PNG parts, because hosted models take no video through this interface. An answer that is neither yes nor no is asked again and then stays unknown; it is never
/// counted as no. The user's words are put into questions with quotation marks and line breaks taken out, so that they can't end the quotation. Safe for concurrent calls.
/// General models are weak at this: on MonetBench's video pairs GPT-4o agrees with people in 45.7 % (with ties), VisionReward's own model in 64.0 %.
/// </remarks>
/// <param name="client">The model; not disposed.</param>
/// <param name="checklist">What to ask.</param>
/// <param name="options">How to ask; defaults if null.</param>
public sealed class ChecklistJudge(IChatClient client, Checklist checklist, ChecklistJudgeOptions? options = null) : IVideoReward
{
    private readonly ChecklistJudgeOptions _options = options ?? new();

    /// <inheritdoc/>
    public async Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        var frames = _options.Frames.Encode(clip).Select(png => new DataContent(png, "image/png")).ToList();
        var wish = Quotable(query);
        var answers = new Answer[checklist.Questions.Count];
        for (var attempt = 0; attempt <= _options.Retries && answers.Contains(Answer.Unknown); attempt++)
        {
            var limit = new ParallelOptions { MaxDegreeOfParallelism = _options.Concurrency, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(Calls(answers), limit, async (call, ct) =>
            {
                var read = await AskAsync(frames, [.. call.Select(i => checklist.Questions[i].Ask(wish))], ct).ConfigureAwait(false);
                for (var k = 0; k < call.Length; k++)
                    answers[call[k]] = read[k];
            }).ConfigureAwait(false);
        }
        return _options.Scoring.Score(checklist, answers, $"checklist/{checklist.Id}/{_options.Mode}/{ModelName()}");
    }

    /// <summary>Does nothing: the client is its owner's.</summary>
    public void Dispose() { }

    // The questions still open, as indexes, a call each.
    private IEnumerable<int[]> Calls(Answer[] answers)
    {
        int[] open = [.. Enumerable.Range(0, answers.Length).Where(i => answers[i] == Answer.Unknown)];
        return _options.Mode switch
        {
            QuestionMode.One => open.Select(i => new[] { i }),
            QuestionMode.Numbered => [open],
            _ => open.GroupBy(i => checklist.Questions[i].Dimension, StringComparer.Ordinal).Select(g => g.ToArray()),
        };
    }

    private async Task<Answer[]> AskAsync(IReadOnlyList<DataContent> frames, string[] questions, CancellationToken cancellationToken)
    {
        var single = _options.Mode == QuestionMode.One;
        var text = single
            ? questions[0] + "\nAnswer with one word, yes or no."
            : string.Join('\n', questions.Select((q, i) => $"{i + 1}. {q}")) + "\nAnswer each question on a line of its own, as in \"1. yes\" or \"2. no\", and write nothing else.";
        ChatMessage[] messages = [new(ChatRole.System, _options.Instructions), new(ChatRole.User, [.. frames, new TextContent(text)])];
        var chat = _options.Chat?.Clone() ?? new();
        chat.Temperature ??= 0;
        try
        {
            var reply = (await client.GetResponseAsync(messages, chat, cancellationToken).ConfigureAwait(false)).Text;
            return single ? [AnswerReader.Lenient(reply)] : NumberedAnswers.Read(reply, questions.Length);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VideoRewardException($"the chat client failed: {e.Message}", e);
        }
    }

    private string ModelName() => _options.Chat?.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId ?? "chat";

    private static string Quotable(string query) => string.Join(' ', query.Replace('"', '\'').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

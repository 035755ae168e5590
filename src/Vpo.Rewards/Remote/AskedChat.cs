using Microsoft.Extensions.AI;
using Vpo.Rewards.Checklists;

namespace Vpo.Rewards.Remote;

/// <summary>A clip that a vision model is asked about.</summary>
internal sealed class AskedChat(IChatClient client, Checklist checklist, string query, VideoClip clip, ChecklistJudgeOptions options) : IAskedClip
{
    private readonly IReadOnlyList<DataContent> _frames =
        [.. options.Frames.Encode(clip, options.Format).Select(f => new DataContent(f, options.Format == FrameFormat.Jpeg ? "image/jpeg" : "image/png"))];

    private readonly string _wish = string.Join(' ', query.Replace('"', '\'').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public async Task<IReadOnlyList<ChecklistReply>> AskAsync(IReadOnlyList<int> questions, CancellationToken cancellationToken)
    {
        var replies = new ChecklistReply[questions.Count];
        for (var attempt = 0; attempt <= options.Retries && replies.Any(r => r.Answer == Answer.Unknown); attempt++)
        {
            var limit = new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(Calls(questions, replies), limit, async (call, ct) =>
            {
                var read = await CallAsync([.. call.Select(i => checklist.Questions[questions[i]].Ask(_wish))], ct).ConfigureAwait(false);
                for (var k = 0; k < call.Length; k++)
                    replies[call[k]] = read[k];
            }).ConfigureAwait(false);
        }
        return replies;
    }

    public void Dispose() { }

    // Places in the list of the questions that are still open, a call each.
    private IEnumerable<int[]> Calls(IReadOnlyList<int> questions, ChecklistReply[] replies)
    {
        int[] open = [.. Enumerable.Range(0, replies.Length).Where(i => replies[i].Answer == Answer.Unknown)];
        return options.Mode switch
        {
            QuestionMode.One => open.Select(i => new[] { i }),
            QuestionMode.Numbered => [open],
            _ => open.GroupBy(i => checklist.Questions[questions[i]].Dimension, StringComparer.Ordinal).Select(g => g.ToArray()),
        };
    }

    private async Task<ChecklistReply[]> CallAsync(string[] questions, CancellationToken cancellationToken)
    {
        var single = options.Mode == QuestionMode.One;
        var text = single
            ? questions[0] + "\nAnswer with one word, yes or no."
            : string.Join('\n', questions.Select((q, i) => $"{i + 1}. {q}")) + "\nAnswer each question on a line of its own, as in \"1. yes\" or \"2. no\", and write nothing else.";
        ChatMessage[] messages = [new(ChatRole.System, options.Instructions), new(ChatRole.User, [.. _frames, new TextContent(text)])];
        var chat = options.Chat?.Clone() ?? new();
        chat.Temperature ??= 0;
        try
        {
            var response = await client.GetResponseAsync(messages, chat, cancellationToken).ConfigureAwait(false);
            return single
                ? [new(AnswerReader.Lenient(response.Text), options.ReadChances(response) is { } chances ? FirstToken.ChanceOfYes(chances) : null)]
                : [.. NumberedAnswers.Read(response.Text, questions.Length).Select(a => new ChecklistReply(a))];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VideoRewardException($"the chat client failed: {e.Message}", e);
        }
    }
}

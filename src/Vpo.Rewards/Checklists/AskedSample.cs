namespace Vpo.Rewards.Checklists;

/// <summary>What is known so far of one clip of a group.</summary>
internal sealed class AskedSample(Checklist checklist, ClipSample sample)
{
    private readonly ChecklistReply?[] _replies = new ChecklistReply?[checklist.Questions.Count];

    public string Prompt => sample.Prompt;

    public VideoClip Clip => sample.Clip;

    public string? Problem { get; private set; }

    public int Asked => _replies.Count(r => r is not null);

    public ChecklistReply? this[int question] => _replies[question];

    /// <summary>Asks, unless the clip failed before.</summary>
    public async Task AskAsync(IAskedClip clip, int[] questions, ChecklistScoring scoring, CancellationToken cancellationToken)
    {
        try
        {
            var replies = await clip.AskAsync(questions, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < questions.Length; i++)
                _replies[questions[i]] = replies[i];
            if (scoring.Unknown == UnknownAnswers.Refuse && Unread() is { } unread)
                Problem = $"no answer to {unread} can be read";
        }
        catch (VideoRewardException e)
        {
            Problem = e.Message;
        }
    }

    /// <summary>The outcome.</summary>
    public GroupScore Outcome(ChecklistScoring scoring, string? rewardId)
    {
        var bounds = new GroupScore { Problem = Problem, Asked = Asked, Low = scoring.Value(checklist, Assuming(Answer.No)), High = scoring.Value(checklist, Assuming(Answer.Yes)) };
        if (Problem is not null || Asked < _replies.Length)
            return bounds;
        try
        {
            return bounds with { Score = scoring.Score(checklist, [.. _replies.Select(r => r!.Value)], rewardId) };
        }
        catch (VideoRewardException e)
        {
            return bounds with { Problem = e.Message };
        }
    }

    /// <summary>The greatest score that is still possible, and that of each dimension (weighted sum of yes).</summary>
    public (double Score, IReadOnlyDictionary<string, double> Dimensions) Best(ChecklistScoring scoring)
    {
        var answers = Assuming(Answer.Yes);
        return (scoring.Value(checklist, answers), ChecklistScore.ByDimension(checklist.Questions, answers));
    }

    private Answer[] Assuming(Answer open) => [.. _replies.Select(r => r?.Answer ?? open)];

    private string? Unread() => checklist.Questions.Where((q, i) => q.Weight > 0 && _replies[i]?.Answer == Answer.Unknown).Select(q => q.Name).FirstOrDefault();
}

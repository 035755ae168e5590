namespace Vpo.Rewards.Checklists;

/// <summary>What an answer that could not be read does to a score.</summary>
public enum UnknownAnswers
{
    /// <summary>A question with weight that has no answer leaves the clip unscored. The default.</summary>
    Refuse,

    /// <summary>Unknown counts as not yes, as in VisionReward's script: only to reproduce its figures. A run without any yes is still refused.</summary>
    NotYes,
}

/// <summary>From answers to the score of a clip, with the checks that keep a broken judge from giving scores.</summary>
public sealed record ChecklistScoring
{
    /// <summary>Which number is the score; <see cref="ScoreScale.WeightedYesSum"/> unless said otherwise.</summary>
    public ScoreScale Scale { get; init; } = ScoreScale.WeightedYesSum;

    /// <summary>What an answer that could not be read does.</summary>
    public UnknownAnswers Unknown { get; init; } = UnknownAnswers.Refuse;

    /// <summary>The score of one clip.</summary>
    /// <param name="checklist">The questions.</param>
    /// <param name="answers">One a question.</param>
    /// <param name="rewardId">Goes into the score.</param>
    /// <exception cref="VideoRewardException">A question with weight has no answer, or nothing at all is answered yes: the sign of a judge that does not work
    /// (two unrelated clips with exactly the lowest score, VisionReward's issue 26), not of a bad clip.</exception>
    public VideoScore Score(Checklist checklist, IReadOnlyList<Answer> answers, string? rewardId = null) =>
        Score(checklist, [.. answers.Select(a => new ChecklistReply(a))], rewardId);

    /// <summary>The score of one clip, with what is known beside the answers.</summary>
    /// <param name="checklist">The questions.</param>
    /// <param name="replies">One a question.</param>
    /// <param name="rewardId">Goes into the score.</param>
    /// <exception cref="VideoRewardException">As above.</exception>
    public VideoScore Score(Checklist checklist, IReadOnlyList<ChecklistReply> replies, string? rewardId = null)
    {
        Answer[] answers = [.. replies.Select(r => r.Answer)];
        var questions = checklist.Questions;
        var score = Value(checklist, answers);
        if (!answers.Contains(Answer.Yes))
            throw new VideoRewardException($"none of {answers.Length} answers is yes ({answers.Count(a => a == Answer.Unknown)} could not be read): check the model, its template and its tokenizer");
        var unread = questions.Zip(answers).Where(p => p.Second == Answer.Unknown && p.First.Weight > 0).Select(p => p.First.Name).ToList();
        if (unread.Count > 0 && Unknown == UnknownAnswers.Refuse)
            throw new VideoRewardException($"{unread.Count} of {answers.Length} questions have no answer that can be read: {string.Join(", ", unread.Take(5))}{(unread.Count > 5 ? ", ..." : "")}");
        return new()
        {
            Score = score,
            Answers = [.. questions.Zip(replies, (q, r) => new ChecklistAnswer(q.Name, q.Dimension, r.Answer, WorthOfYes(checklist, q)) { SubDimension = q.SubDimension, Reply = r.Text, Probability = r.Probability })],
            Dimensions = ChecklistScore.ByDimension(questions, answers),
            RewardId = rewardId,
        };
    }

    /// <summary>The number that answers give on the chosen scale, without any check.</summary>
    internal double Value(Checklist checklist, IReadOnlyList<Answer> answers) => Scale == ScoreScale.WeightedYesSum
        ? ChecklistScore.WeightedYesSum(checklist.Questions, answers)
        : ChecklistScore.SignedMean(checklist.Questions, answers);

    /// <summary>What a yes instead of a no adds to the score; on the signed mean 2w/n.</summary>
    internal double WorthOfYes(Checklist checklist, ChecklistQuestion question) =>
        Scale == ScoreScale.WeightedYesSum ? question.Weight
        : question.Selected ? 2 * question.Weight / checklist.Questions.Count(q => q.Selected) : 0;
}

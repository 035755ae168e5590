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
    public VideoScore Score(Checklist checklist, IReadOnlyList<Answer> answers, string? rewardId = null)
    {
        var questions = checklist.Questions;
        var sum = ChecklistScore.WeightedYesSum(questions, answers);
        if (!answers.Contains(Answer.Yes))
            throw new VideoRewardException($"none of {answers.Count} answers is yes ({answers.Count(a => a == Answer.Unknown)} could not be read): check the model, its template and its tokenizer");
        var unread = questions.Zip(answers).Where(p => p.Second == Answer.Unknown && p.First.Weight > 0).Select(p => p.First.Name).ToList();
        if (unread.Count > 0 && Unknown == UnknownAnswers.Refuse)
            throw new VideoRewardException($"{unread.Count} of {answers.Count} questions have no answer that can be read: {string.Join(", ", unread.Take(5))}{(unread.Count > 5 ? ", ..." : "")}");
        return new()
        {
            Score = Scale == ScoreScale.WeightedYesSum ? sum : ChecklistScore.SignedMean(questions, answers),
            Answers = [.. questions.Zip(answers, (q, a) => new ChecklistAnswer(q.Name, q.Dimension, a, WorthOfYes(checklist, q)))],
            Dimensions = ChecklistScore.ByDimension(questions, answers),
            RewardId = rewardId,
        };
    }

    // On the signed mean a yes instead of a no moves the score by 2w/n.
    private double WorthOfYes(Checklist checklist, ChecklistQuestion question) =>
        Scale == ScoreScale.WeightedYesSum ? question.Weight
        : question.Selected ? 2 * question.Weight / checklist.Questions.Count(q => q.Selected) : 0;
}

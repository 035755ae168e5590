namespace Vpo.Rewards.Checklists;

/// <summary>How answers become one number. Published figures use both scales; a threshold of one makes no sense on the other.</summary>
public enum ScoreScale
{
    /// <summary>S = Σ w·[yes], from 0 to the sum of the weights: the paper's equation (4), VPO's code and every published MonetBench figure (0 to 6.277).</summary>
    WeightedYesSum,

    /// <summary>m = mean over the selected questions of +w for yes and −w otherwise: what VisionReward's script prints (−0.2165 to 0.2165). S = (n·m + Σw)/2.</summary>
    SignedMean,
}

/// <summary>Arithmetic of answers. A score counts only <see cref="Answer.Yes"/>: whether an unknown may pass is decided before, see <see cref="ChecklistScoring"/>.</summary>
public static class ChecklistScore
{
    /// <summary>S: the sum of the weights of what is answered yes.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="answers">One a question.</param>
    public static double WeightedYesSum(IReadOnlyList<ChecklistQuestion> questions, IReadOnlyList<Answer> answers)
    {
        Check(questions, answers);
        var sum = 0.0;
        for (var i = 0; i < answers.Count; i++)
            sum += answers[i] == Answer.Yes ? questions[i].Weight : 0;
        return sum;
    }

    /// <summary>m: the mean of ±w over the selected questions.</summary>
    /// <param name="questions">The questions; at least one selected.</param>
    /// <param name="answers">One a question.</param>
    public static double SignedMean(IReadOnlyList<ChecklistQuestion> questions, IReadOnlyList<Answer> answers)
    {
        Check(questions, answers);
        var selected = questions.Count(q => q.Selected);
        if (selected == 0)
            throw new ArgumentException("no question is selected: the signed mean is of nothing", nameof(questions));
        var sum = 0.0;
        for (var i = 0; i < answers.Count; i++)
            sum += !questions[i].Selected ? 0 : answers[i] == Answer.Yes ? questions[i].Weight : -questions[i].Weight;
        return sum / selected;
    }

    /// <summary>Σ w·(a − b) over the selected questions with yes = 1 and otherwise −1; VisionReward calls the first clip better where this is above 0, so equal is not better.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="first">Answers about one clip.</param>
    /// <param name="second">Answers about the other.</param>
    public static double SignedDifference(IReadOnlyList<ChecklistQuestion> questions, IReadOnlyList<Answer> first, IReadOnlyList<Answer> second)
    {
        Check(questions, first);
        Check(questions, second);
        var sum = 0.0;
        for (var i = 0; i < first.Count; i++)
            sum += questions[i].Selected ? (Sign(first[i]) - Sign(second[i])) * questions[i].Weight : 0;
        return sum;
    }

    /// <summary>S of each dimension's own questions: MonetBench's columns.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="answers">One a question.</param>
    public static IReadOnlyDictionary<string, double> ByDimension(IReadOnlyList<ChecklistQuestion> questions, IReadOnlyList<Answer> answers)
    {
        Check(questions, answers);
        return questions.Zip(answers).GroupBy(p => p.First.Dimension, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Sum(p => p.Second == Answer.Yes ? p.First.Weight : 0), StringComparer.Ordinal);
    }

    private static int Sign(Answer answer) => answer == Answer.Yes ? 1 : -1;

    private static void Check(IReadOnlyList<ChecklistQuestion> questions, IReadOnlyList<Answer> answers)
    {
        if (questions.Count != answers.Count)
            throw new ArgumentException($"expected {questions.Count} answers, found {answers.Count}", nameof(answers));
    }
}

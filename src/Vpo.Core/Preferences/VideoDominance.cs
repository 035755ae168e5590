namespace Vpo;

/// <summary>Whether one video is nowhere worse and somewhere better than another.</summary>
public static class VideoDominance
{
    /// <summary>Whether <paramref name="a"/> dominates <paramref name="b"/>; always true with <see cref="Dominance.None"/>.</summary>
    /// <exception cref="ArgumentException">The reward gives no answers or dimensions to compare, or different ones.</exception>
    public static bool Holds(VideoScore a, VideoScore b, Dominance rule)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return rule switch
        {
            Dominance.None => true,
            Dominance.Dimension => IsBetter(Dimensions(a, b)),
            Dominance.SubDimension => IsBetter(SubDimensions(a, b)),
            Dominance.Question => IsBetter(Questions(a, b)),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "expected None, Dimension, SubDimension or Question"),
        };
    }

    private static bool IsBetter(IEnumerable<int> comparisons)
    {
        var better = false;
        foreach (var comparison in comparisons)
        {
            if (comparison < 0)
                return false;
            better |= comparison > 0;
        }
        return better;
    }

    private static IEnumerable<int> Dimensions(VideoScore a, VideoScore b)
    {
        if (a.Dimensions.Count == 0 || a.Dimensions.Count != b.Dimensions.Count || !a.Dimensions.Keys.All(b.Dimensions.ContainsKey))
            throw new ArgumentException($"expected the same dimensions in both scores, found {a.Dimensions.Count} and {b.Dimensions.Count}: choose Dominance.None for this reward");
        return a.Dimensions.Select(d => d.Value.CompareTo(b.Dimensions[d.Key]));
    }

    /// <summary>As the order of yeses in each sub-dimension; an answer without one stands for its dimension.</summary>
    private static IEnumerable<int> SubDimensions(VideoScore a, VideoScore b)
    {
        CheckQuestions(a, b);
        if (a.Answers.All(x => x.SubDimension is null))
            throw new ArgumentException("expected answers that name their sub-dimension, found none: choose Dominance.Dimension or Dominance.Question for this reward");
        return a.Answers.Zip(b.Answers).GroupBy(p => (p.First.Dimension, p.First.SubDimension), (_, group) => group.Sum(p => Yes(p.First) - Yes(p.Second)));
    }

    private static IEnumerable<int> Questions(VideoScore a, VideoScore b)
    {
        CheckQuestions(a, b);
        return a.Answers.Zip(b.Answers, Compare);
    }

    private static void CheckQuestions(VideoScore a, VideoScore b)
    {
        if (a.Answers.Count == 0 || !a.Answers.Select(x => x.Question).SequenceEqual(b.Answers.Select(x => x.Question)))
            throw new ArgumentException($"expected answers to the same questions in both scores, found {a.Answers.Count} and {b.Answers.Count}: choose Dominance.None for this reward");
    }

    private static int Yes(ChecklistAnswer answer) => answer.Answer == Answer.Yes ? 1 : 0;

    /// <summary>As the released program compares: equal replies tie, else yes wins; two different replies that are not yes count as worse on either side.</summary>
    private static int Compare(ChecklistAnswer a, ChecklistAnswer b)
    {
        if (a.Answer == b.Answer && (a.Reply ?? "") == (b.Reply ?? ""))
            return 0;
        return a.Answer == Answer.Yes ? 1 : -1;
    }
}

namespace Vpo.Statistics;

/// <summary>How scores and labels agree over pairs, at one threshold below which scores count as tied.</summary>
/// <param name="Concordant">Both prefer the same side.</param>
/// <param name="Discordant">They prefer opposite sides.</param>
/// <param name="BothTied">Tied in the label and in the score.</param>
/// <param name="LabelTieOnly">Tied in the label only.</param>
/// <param name="ScoreTieOnly">Tied in the score only.</param>
public readonly record struct PairCounts(int Concordant, int Discordant, int BothTied, int LabelTieOnly, int ScoreTieOnly)
{
    /// <summary>All pairs.</summary>
    public int Count => Concordant + Discordant + BothTied + LabelTieOnly + ScoreTieOnly;

    /// <summary>Accuracy with ties ("tau"): pairs on which score and label say the same, of all.</summary>
    public double Accuracy => (double)(Concordant + BothTied) / Count;

    /// <summary>Accuracy without ties ("diff"): label ties are dropped, and a tied score on the rest is wrong.</summary>
    public double AccuracyWithoutTies => (double)Concordant / (Concordant + Discordant + ScoreTieOnly);
}

/// <summary>The best threshold and what it gives.</summary>
/// <param name="Accuracy">Accuracy with ties at the threshold.</param>
/// <param name="Threshold">Margins of at most this size count as ties; the least of the best ones.</param>
/// <param name="AccuracyAtZero">Accuracy with ties when only equal scores count as tied.</param>
public readonly record struct CalibratedAccuracy(double Accuracy, double Threshold, double AccuracyAtZero);

/// <summary>Tie-calibrated pairwise accuracy (Deutsch, Foster and Freitag 2023): lets a score that never ties be compared with people who do.</summary>
public static class TieCalibration
{
    /// <summary>Counts agreement.</summary>
    /// <param name="margins">Score of the first minus score of the second, a pair each.</param>
    /// <param name="labels">Above 0 if people prefer the first, 0 for a tie, below 0 for the second.</param>
    /// <param name="threshold">|margin| up to this is a tie; at least 0.</param>
    public static PairCounts Count(IReadOnlyList<double> margins, IReadOnlyList<int> labels, double threshold = 0)
    {
        Check(margins, labels);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        var (concordant, discordant, both, label, score) = (0, 0, 0, 0, 0);
        for (var i = 0; i < margins.Count; i++)
        {
            var side = Math.Abs(margins[i]) <= threshold ? 0 : Math.Sign(margins[i]);
            _ = (side, Math.Sign(labels[i])) switch
            {
                (0, 0) => both++,
                (0, _) => score++,
                (_, 0) => label++,
                var (s, l) => s == l ? concordant++ : discordant++,
            };
        }
        return new(concordant, discordant, both, label, score);
    }

    /// <summary>Finds the threshold with the greatest accuracy; only 0 and the sizes of the margins can be it.</summary>
    public static CalibratedAccuracy Calibrate(IReadOnlyList<double> margins, IReadOnlyList<int> labels)
    {
        var start = Count(margins, labels);
        int[] bySize = [.. Enumerable.Range(0, margins.Count).OrderBy(i => Math.Abs(margins[i]))];
        // As the threshold grows past a margin, its pair turns from right or wrong into a tie.
        var right = start.Concordant + start.BothTied;
        var (best, threshold) = (right, 0.0);
        for (var i = 0; i < bySize.Length;)
        {
            var size = Math.Abs(margins[bySize[i]]);
            for (; i < bySize.Length && Math.Abs(margins[bySize[i]]) == size; i++)
            {
                if (size == 0)
                    continue;
                var label = Math.Sign(labels[bySize[i]]);
                right += label == 0 ? 1 : label == Math.Sign(margins[bySize[i]]) ? -1 : 0;
            }
            if (right > best)
                (best, threshold) = (right, size);
        }
        return new((double)best / margins.Count, threshold, start.Accuracy);
    }

    private static void Check(IReadOnlyList<double> margins, IReadOnlyList<int> labels)
    {
        if (margins.Count != labels.Count || margins.Count == 0)
            throw new ArgumentException($"expected one label a margin and at least one, found {margins.Count} margins and {labels.Count} labels", nameof(labels));
        if (margins.Any(double.IsNaN))
            throw new ArgumentException("a margin is not a number: leave out what could not be scored", nameof(margins));
    }
}

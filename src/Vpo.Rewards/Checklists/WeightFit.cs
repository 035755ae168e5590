namespace Vpo.Rewards.Checklists;

/// <summary>How to fit the weights of a checklist.</summary>
public sealed record WeightFitOptions
{
    /// <summary>Pairs a step, in the given order; 0 takes all at once.</summary>
    public int BatchSize { get; init; }

    /// <summary>Step length on the mean gradient of a batch.</summary>
    public double LearningRate { get; init; } = 1;

    /// <summary>At most this many passes over the pairs.</summary>
    public int MaxEpochs { get; init; } = 3000;

    /// <summary>Stops after a pass that changes the weights (Euclidean norm, after the cut) by less than this.</summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Keeps weights below 0 instead of cutting them to 0 after each pass: for looking at, such a "no is better" is not a reward.</summary>
    public bool KeepNegative { get; init; }
}

/// <summary>Fitted weights.</summary>
/// <param name="Weights">One a question.</param>
/// <param name="Loss">Mean logistic loss over the pairs.</param>
/// <param name="Epochs">Passes done.</param>
/// <param name="LastChange">How far the last pass moved the weights.</param>
public sealed record WeightFitResult(IReadOnlyList<double> Weights, double Loss, int Epochs, double LastChange)
{
    /// <summary>How many questions are left without weight.</summary>
    public int Zeros => Weights.Count(w => w == 0);
}

/// <summary>Fits a checklist's weights to people's preferences, so that another judge's answers can be summed: logistic regression without intercept on the
/// difference of two clips' answers, weights kept at or above 0 (VisionReward, arXiv 2412.21059, algorithm 1).</summary>
public static class WeightFit
{
    /// <summary>Fits.</summary>
    /// <param name="differences">For each pair the first clip's answers minus the second's (1 for yes, 0 for no): −1, 0 or 1 a question.</param>
    /// <param name="firstPreferred">For each pair whether people preferred the first.</param>
    /// <param name="options">How.</param>
    public static WeightFitResult Fit(IReadOnlyList<double[]> differences, IReadOnlyList<bool> firstPreferred, WeightFitOptions? options = null)
    {
        options ??= new();
        if (differences.Count == 0 || differences.Count != firstPreferred.Count)
            throw new ArgumentException($"expected one preference a pair and at least one pair, found {differences.Count} pairs and {firstPreferred.Count} preferences", nameof(firstPreferred));
        var weights = new double[differences[0].Length];
        var batch = options.BatchSize > 0 ? options.BatchSize : differences.Count;
        var (epoch, change) = (0, double.PositiveInfinity);
        while (epoch < options.MaxEpochs && change >= options.Tolerance)
        {
            var before = weights.ToArray();
            for (var start = 0; start < differences.Count; start += batch)
                Step(weights, differences, firstPreferred, (start, Math.Min(start + batch, differences.Count)), options.LearningRate);
            if (!options.KeepNegative)
                Cut(weights);
            change = Math.Sqrt(weights.Zip(before, (a, b) => (a - b) * (a - b)).Sum());
            epoch++;
        }
        return new(weights, Loss(weights, differences, firstPreferred), epoch, change);
    }

    /// <summary>Mean logistic loss of given weights over pairs.</summary>
    public static double Loss(IReadOnlyList<double> weights, IReadOnlyList<double[]> differences, IReadOnlyList<bool> firstPreferred) =>
        differences.Zip(firstPreferred, (d, first) => Softplus(first ? -Margin(weights, d) : Margin(weights, d))).Average();

    /// <summary>The share of pairs whose margin has the sign of the preference, of the pairs whose margin is not 0.</summary>
    public static double Accuracy(IReadOnlyList<double> weights, IReadOnlyList<double[]> differences, IReadOnlyList<bool> firstPreferred) =>
        differences.Zip(firstPreferred, (d, first) => (Margin: Margin(weights, d), First: first)).Where(p => p.Margin != 0).Average(p => p.Margin > 0 == p.First ? 1.0 : 0.0);

    private static void Step(double[] weights, IReadOnlyList<double[]> differences, IReadOnlyList<bool> firstPreferred, (int Start, int End) rows, double rate)
    {
        var gradient = new double[weights.Length];
        for (var row = rows.Start; row < rows.End; row++)
        {
            var error = 1 / (1 + Math.Exp(-Margin(weights, differences[row]))) - (firstPreferred[row] ? 1 : 0);
            for (var i = 0; i < gradient.Length; i++)
                gradient[i] += error * differences[row][i];
        }
        for (var i = 0; i < weights.Length; i++)
            weights[i] -= rate * gradient[i] / (rows.End - rows.Start);
    }

    private static void Cut(double[] weights)
    {
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Math.Max(weights[i], 0);
    }

    private static double Margin(IReadOnlyList<double> weights, double[] difference)
    {
        var sum = 0.0;
        for (var i = 0; i < difference.Length; i++)
            sum += weights[i] * difference[i];
        return sum;
    }

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}

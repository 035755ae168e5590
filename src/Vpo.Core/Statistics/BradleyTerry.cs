namespace Vpo.Statistics;

/// <summary>Strengths of several sides from comparisons of two at a time (Bradley and Terry 1952): P(i beats j) = s_i / (s_i + s_j).</summary>
public sealed record BradleyTerry
{
    private const int MostSteps = 100_000;
    private const double Enough = 1e-13;

    /// <summary>Natural logarithms of the strengths; their mean is 0.</summary>
    public required IReadOnlyList<double> LogStrength { get; init; }

    /// <summary>The negative log-likelihood of the comparisons.</summary>
    public required double NegativeLogLikelihood { get; init; }

    /// <summary>The strengths on chess players' scale: 400 points are odds of 10 to 1, the mean is 1000.</summary>
    public IReadOnlyList<double> Elo => [.. LogStrength.Select(s => 1000 + 400 / Math.Log(10) * s)];

    /// <summary>The most likely strengths, by minorise-maximise steps (Hunter 2004).</summary>
    /// <param name="wins">[i, j]: how often i beat j.</param>
    /// <param name="ties">[i, j] = [j, i]: how often they tied; a tie is half a win for both. None if null.</param>
    /// <exception cref="ArgumentException">No finite strengths exist: some sides never beat any of the others (Ford 1957).</exception>
    public static BradleyTerry Fit(int[,] wins, int[,]? ties = null)
    {
        var n = wins.GetLength(0);
        if (wins.GetLength(1) != n || n < 2 || (ties is not null && (ties.GetLength(0) != n || ties.GetLength(1) != n)))
            throw new ArgumentException("expected square tables of the same size, at least two sides", nameof(wins));
        var won = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                won[i, j] = i == j ? 0 : wins[i, j] + 0.5 * (ties?[i, j] ?? 0);
        }
        CheckConnected(won);
        var strength = Enumerable.Repeat(1.0, n).ToArray();
        for (var step = 0; step < MostSteps; step++)
        {
            if (Step(won, strength) < Enough)
                break;
        }
        double[] logs = [.. strength.Select(s => Math.Log(s))];
        return new() { LogStrength = logs, NegativeLogLikelihood = Loss(won, logs) };
    }

    // Replaces the strengths, one after another; says how far the furthest moved.
    private static double Step(double[,] won, double[] strength)
    {
        var moved = 0.0;
        for (var i = 0; i < strength.Length; i++)
        {
            double wins = 0, expected = 0;
            for (var j = 0; j < strength.Length; j++)
            {
                wins += won[i, j];
                expected += i == j ? 0 : (won[i, j] + won[j, i]) / (strength[i] + strength[j]);
            }
            moved = Math.Max(moved, Math.Abs(Math.Log(wins / expected / strength[i])));
            strength[i] = wins / expected;
        }
        var mean = Math.Exp(strength.Average(s => Math.Log(s)));
        for (var i = 0; i < strength.Length; i++)
            strength[i] /= mean;
        return moved;
    }

    private static double Loss(double[,] won, double[] logs)
    {
        var loss = 0.0;
        for (var i = 0; i < logs.Length; i++)
        {
            for (var j = 0; j < logs.Length; j++)
                loss += won[i, j] * Math.Log(1 + Math.Exp(logs[j] - logs[i]));
        }
        return loss;
    }

    private static void CheckConnected(double[,] won)
    {
        var n = won.GetLength(0);
        foreach (var backwards in new[] { false, true })
        {
            var reached = new HashSet<int> { 0 };
            var open = new Stack<int>(reached);
            while (open.TryPop(out var i))
            {
                foreach (var j in Enumerable.Range(0, n).Where(j => (backwards ? won[j, i] : won[i, j]) > 0 && reached.Add(j)).ToList())
                    open.Push(j);
            }
            if (reached.Count < n)
                throw new ArgumentException($"no finite strengths exist: sides {string.Join(", ", Enumerable.Range(0, n).Except(reached))} "
                    + (backwards ? "never beat" : "are never beaten by") + " side 0 or those linked with it; compare more, or count ties", nameof(won));
        }
    }
}

namespace Vpo.Statistics;

/// <summary>Outcomes of side-by-side comparisons of one side with another.</summary>
/// <param name="Wins">The side is better.</param>
/// <param name="Ties">No difference.</param>
/// <param name="Losses">The other is better.</param>
public readonly record struct WinRate(int Wins, int Ties, int Losses)
{
    /// <summary>Counts verdicts: above 0 is a win, 0 a tie, below 0 a loss.</summary>
    public static WinRate Of(IEnumerable<int> verdicts)
    {
        int wins = 0, ties = 0, losses = 0;
        foreach (var v in verdicts)
            _ = v > 0 ? wins++ : v < 0 ? losses++ : ties++;
        return new(wins, ties, losses);
    }

    /// <summary>How many comparisons.</summary>
    public int Count => Wins + Ties + Losses;

    /// <summary>Wins of all.</summary>
    public double Share => (double)Wins / Count;

    /// <summary>Wins minus losses, of all, from −1 to 1: what the paper calls the gap in win rate (there in percent).</summary>
    public double Net => (double)(Wins - Losses) / Count;

    /// <summary>Wins of those that are not ties.</summary>
    public double ShareWithoutTies => (double)Wins / (Wins + Losses);

    /// <summary>Wins of all, a tie counted as half a win.</summary>
    public double ShareWithHalfTies => (Wins + 0.5 * Ties) / Count;

    /// <summary>The share of wins with Wilson's interval.</summary>
    public Estimate Interval(double confidence = 0.95) => Proportion.Wilson(Wins, Count, confidence);

    /// <summary>The share of wins among what is not tied, with Wilson's interval.</summary>
    public Estimate IntervalWithoutTies(double confidence = 0.95) => Proportion.Wilson(Wins, Wins + Losses, confidence);

    /// <summary>The net gap with its bootstrap interval.</summary>
    public Estimate NetInterval(BootstrapOptions? options = null) => Bootstrap.Mean(
        [.. Enumerable.Repeat(1.0, Wins), .. Enumerable.Repeat(0.0, Ties), .. Enumerable.Repeat(-1.0, Losses)], options);
}

namespace Vpo.Training;

/// <summary>Looking at held-out examples during training.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Steps between evaluations; there is also one after the last step.</summary>
    public required int Every { get; init; }

    /// <summary>Training stops after so many evaluations in a row without a lower loss than the best before them; null never stops.</summary>
    public int? Patience { get; init; }

    /// <summary>How much lower a loss must be to count.</summary>
    public double LeastGain { get; init; }

    /// <summary>Files of parameters that are kept, lowest loss first (best-000120.safetensors); 0 keeps none.</summary>
    public int KeepBest { get; init; } = 1;

    /// <summary>Whether training ends with the parameters of the lowest loss; needs a folder and <see cref="KeepBest"/>.</summary>
    public bool RestoreBest { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Every, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(KeepBest);
        ArgumentOutOfRangeException.ThrowIfNegative(LeastGain);
        if (Patience is { } patience)
            ArgumentOutOfRangeException.ThrowIfLessThan(patience, 1, nameof(Patience));
        if (RestoreBest && KeepBest == 0)
            throw new ArgumentException($"{nameof(RestoreBest)} needs {nameof(KeepBest)} of at least 1.");
    }

    /// <summary>Whether the latest losses have not gained for as long as patience lasts.</summary>
    internal bool IsOver(IEnumerable<double> losses)
    {
        if (Patience is not { } patience)
            return false;
        var (best, without) = (double.PositiveInfinity, 0);
        foreach (var loss in losses)
            (best, without) = loss < best - LeastGain ? (loss, 0) : (best, without + 1);
        return without >= patience;
    }
}

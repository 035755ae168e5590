namespace Vpo.Statistics;

/// <summary>How long prompts are.</summary>
/// <param name="Mean">With an interval from resampling prompts; n counts prompts.</param>
/// <param name="Median">The middle one.</param>
/// <param name="P5">All but 5 % are at least so long.</param>
/// <param name="P95">All but 5 % are at most so long.</param>
/// <param name="Longest">The longest.</param>
public sealed record LengthSummary(Estimate Mean, double Median, double P5, double P95, int Longest)
{
    /// <summary>Summarizes lengths.</summary>
    /// <param name="lengths">At least one.</param>
    /// <param name="resampling">How the interval is made.</param>
    public static LengthSummary Of(IReadOnlyList<int> lengths, BootstrapOptions? resampling = null)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        double[] values = [.. lengths.Select(l => (double)l)];
        return new(Bootstrap.Mean(values, resampling), Quantile.Of(values, 0.5), Quantile.Of(values, 0.05), Quantile.Of(values, 0.95), lengths.Max());
    }
}

/// <summary>Lengths of one method's prompts in words, characters and a text encoder's tokens.</summary>
public sealed record PromptLengths
{
    /// <summary>Words between white space.</summary>
    public required LengthSummary Words { get; init; }

    /// <summary>UTF-16 characters.</summary>
    public required LengthSummary Characters { get; init; }

    /// <summary>Tokens; null where they were not counted.</summary>
    public LengthSummary? Tokens { get; init; }

    /// <summary>Share of prompts with more tokens than the encoder reads, which then lose their end; null where tokens or the budget are unknown.</summary>
    public Estimate? OverBudget { get; init; }

    /// <summary>Measures prompts.</summary>
    /// <param name="prompts">At least one.</param>
    /// <param name="tokens">Counts the tokens of the video model's text encoder; null does not.</param>
    /// <param name="budget">How many tokens it reads, such as 226 for CogVideoX.</param>
    /// <param name="resampling">How intervals are made.</param>
    public static PromptLengths Of(IReadOnlyList<string> prompts, Func<string, int>? tokens = null, int? budget = null, BootstrapOptions? resampling = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        int[]? counts = tokens is null ? null : [.. prompts.Select(tokens)];
        return new()
        {
            Words = LengthSummary.Of([.. prompts.Select(p => p.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length)], resampling),
            Characters = LengthSummary.Of([.. prompts.Select(p => p.Length)], resampling),
            Tokens = counts is null ? null : LengthSummary.Of(counts, resampling),
            OverBudget = counts is not null && budget is { } most ? Proportion.Wilson(counts.Count(c => c > most), counts.Length) : null,
        };
    }
}

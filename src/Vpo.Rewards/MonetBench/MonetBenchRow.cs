using Vpo.Statistics;

namespace Vpo.Rewards.MonetBench;

/// <summary>One method's line of MonetBench's table. Every figure carries n, the number of prompts, and an interval from resampling prompts.</summary>
/// <param name="Method">Whose prompts.</param>
/// <param name="Overall">Mean score: with VisionReward's checklist S, from 0 to 6.277.</param>
/// <param name="Dimensions">Mean sums of dimensions by name; the paper prints Alignment, Stability, Preservation and Physics.</param>
/// <param name="Unscored">Prompts without any score; left out of the means.</param>
public sealed record MonetBenchRow(string Method, Estimate Overall, IReadOnlyDictionary<string, Estimate> Dimensions, int Unscored)
{
    /// <summary>The columns that the paper prints beside the overall score.</summary>
    public static IReadOnlyList<string> PaperColumns { get; } = ["Alignment", "Stability", "Preservation", "Physics"];

    /// <summary>Averages the clips of each prompt, then the prompts.</summary>
    /// <param name="method">Whose prompts.</param>
    /// <param name="scores">Prompts with the scores of their clips; null for a clip that can't be scored. All scores on one scale.</param>
    /// <param name="resampling">How intervals are made.</param>
    /// <exception cref="ArgumentException">No clip has a score, or scores have different dimensions.</exception>
    public static MonetBenchRow Of(string method, IEnumerable<(string Prompt, VideoScore? Score)> scores, BootstrapOptions? resampling = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var prompts = scores.GroupBy(s => s.Prompt, StringComparer.Ordinal).Select(g => g.Select(s => s.Score).OfType<VideoScore>().ToList()).ToList();
        var scored = prompts.Where(p => p.Count > 0).ToList();
        if (scored.Count == 0)
            throw new ArgumentException($"none of {prompts.Count} prompts has a score", nameof(scores));
        string[] names = [.. scored[0][0].Dimensions.Keys];
        if (scored.SelectMany(p => p).Any(s => s.Dimensions.Count != names.Length || !names.All(s.Dimensions.ContainsKey)))
            throw new ArgumentException("the scores have different dimensions: keep one reward in a table", nameof(scores));
        Estimate Mean(Func<VideoScore, double> value) => Bootstrap.Mean([.. scored.Select(p => p.Average(value))], resampling);
        return new(method, Mean(s => s.Score), names.ToDictionary(n => n, n => Mean(s => s.Dimensions[n]), StringComparer.Ordinal), prompts.Count - scored.Count);
    }
}

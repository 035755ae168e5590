using System.Globalization;

namespace Vpo;

/// <summary>Text-level pairs without a refiner: of a query's samples, the one that keeps most of its atoms against the one that keeps fewest.</summary>
public static class CoveragePreferences
{
    private const string Form = "form";

    /// <summary>The pair of one query, or null: no two samples are far enough apart, or none of the better ones is well-formed and harmless.</summary>
    /// <param name="query">The user's words.</param>
    /// <param name="prompts">Samples for it, as they were written.</param>
    /// <param name="gap">The chosen one's coverage must be more than this above the rejected one's.</param>
    /// <param name="judge">Finds atoms, vocabulary, repetition; null takes the defaults.</param>
    public static PreferencePair? BestAgainstWorst(string query, IReadOnlyList<string> prompts, double gap = 0.15, AtomJudge? judge = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var atoms = judge ?? new();
        var options = new PairOptions { Gap = gap, Selection = PairSelection.BestWorst, DimensionFloors = new Dictionary<string, double> { [Form] = 1 } };
        return VideoPreferences.Mine([.. prompts.Select(Score)], options) is [var pair]
            ? pair with { Source = FeedbackSource.Text, Reason = string.Create(CultureInfo.InvariantCulture, $"keeps {pair.Margin:P0} more of the atoms") }
            : null;

        ScoredPrompt Score(string prompt)
        {
            var quality = PromptQuality.Of(atoms, query, prompt);
            return new(query, prompt, new() { Score = quality.Findings.Coverage, Dimensions = new Dictionary<string, double> { [Form] = quality.IsWellFormed && !quality.IsUnsafe ? 1 : 0 } });
        }
    }
}

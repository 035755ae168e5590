using System.Globalization;

namespace Vpo;

/// <summary>Text-level pairs without a refiner: of a query's samples, the one that keeps most of its atoms against the one that keeps fewest.</summary>
/// <remarks>
/// A harmful sample counts as one that keeps nothing, so that it is the rejected one. A chosen sample is hardly longer than the rejected one and hardly repeats itself more: what goes along with keeping atoms would be learnt with it.
/// It may be shorter: with chosen samples of the same length the small model repeats itself to get there (docs/experiments.md, 2026-11-30).
/// </remarks>
public static class CoveragePreferences
{
    /// <summary>By how much the chosen prompt's repetition (share of three-word sequences that were there before) may be above the rejected one's.</summary>
    public const double MostExtraRepetition = 0.01;

    /// <summary>By how many words the chosen prompt may be longer than the rejected one.</summary>
    public const int MostExtraWords = 10;

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
        var found = prompts.Distinct().ToDictionary(p => p, p => PromptQuality.Of(atoms, query, p));
        return VideoPreferences.Mine([.. prompts.Select(Score)], options, IsFair) is [var pair]
            ? pair with { Source = FeedbackSource.Text, Reason = found[pair.Rejected].IsUnsafe ? "is harmless" : string.Create(CultureInfo.InvariantCulture, $"keeps {pair.Margin:P0} more of the atoms") }
            : null;

        ScoredPrompt Score(string prompt)
        {
            var quality = found[prompt];
            return new(query, prompt, new() { Score = quality.IsUnsafe ? 0 : quality.Findings.Coverage, Dimensions = new Dictionary<string, double> { [Form] = quality.IsWellFormed && !quality.IsUnsafe ? 1 : 0 } });
        }

        bool IsFair(ScoredPrompt chosen, ScoredPrompt rejected)
        {
            var (better, worse) = (found[chosen.Prompt].Findings, found[rejected.Prompt].Findings);
            return better.Repetition <= worse.Repetition + MostExtraRepetition && better.Words <= worse.Words + MostExtraWords;
        }
    }
}

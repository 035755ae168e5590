using System.Globalization;

namespace Vpo;

/// <summary>Why a loop should not go on.</summary>
internal static class StopRules
{
    /// <summary>The round has spoilt the optimizer: reject it. Null when it has not.</summary>
    internal static string? Damage(EvaluationRow row, IReadOnlyList<LearningPoint> curve, StopOptions options)
    {
        double[] tail = [.. curve.Skip(curve.Count - Math.Max(1, curve.Count / 4)).Select(p => p.ChosenDrift).OfType<double>()];
        if (tail.Length > 0 && !(tail.Average() >= options.ChosenDriftFloor))
            return Say($"{row.Method}: the chosen prompts' log-probability fell by {-tail.Average():0.###} (floor {options.ChosenDriftFloor:0.###}): lower the learning rate or add the NLL term");
        if (row.Disagreement > options.MaximumDisagreement)
            return Say($"{row.Method}: the judges of training and evaluation disagree on {row.Disagreement:0.###} of the prompts (limit {options.MaximumDisagreement:0.###}): the training judge is being fooled");
        return null;
    }

    /// <summary>The round gained too little to go on. Null when it did not.</summary>
    internal static string? Plateau(MethodDifference? gain, StopOptions options) => gain is null || gain.Difference.Value > options.MinimumGain
        ? null
        : Say($"{gain.To}: gained {gain.Difference.Value:0.###} over {gain.From} (needs more than {options.MinimumGain:0.###}): plateau");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

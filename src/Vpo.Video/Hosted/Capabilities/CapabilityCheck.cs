using System.Globalization;

namespace Vpo.Video.Hosted;

/// <summary>Holds a plan against what a model can do: one clear message with the nearest valid values.</summary>
internal static class CapabilityCheck
{
    private const double NearlyEqual = 0.02;

    /// <exception cref="ArgumentException">Lists all that does not fit.</exception>
    public static void Check(VideoPlan plan, VideoCapabilities can)
    {
        var problems = Problems(plan, can).ToList();
        if (problems.Count > 0)
            throw new ArgumentException($"{plan.Model ?? "this generator"} can't do this request: {string.Join("; ", problems)}.");
    }

    private static IEnumerable<string> Problems(VideoPlan plan, VideoCapabilities can)
    {
        IEnumerable<string?> all =
        [
            Prompt(plan.Prompt, can), Size(plan, can),
            plan.Frames is { } frames && can.Frames is { } rule && !rule.Allows(frames) ? Nearest($"{frames} frames", rule.Near(frames).Select(n => Text(n))) : null,
            plan.Seconds is { } seconds ? OneOf("seconds", seconds, can.Seconds) : null,
            plan.Rate is { } rate ? OneOf("frames a second", rate, can.FramesPerSecond) : null,
            plan.NegativePrompt.Length > 0 && !can.NegativePrompt ? "it takes no negative prompt: leave NegativePrompt null" : null,
            plan.Steps is not null && !can.Steps ? "its number of steps can't be chosen: leave Steps null" : null,
            plan.Steps is <= 0 ? $"expected 1 step or more, found {plan.Steps}" : null,
            plan.Guidance is not null && !can.Guidance ? "its guidance can't be chosen: leave GuidanceScale null" : null,
            plan.StartFrame is not null && can.StartFrame == StartFrameUse.None ? "it makes videos from text alone: leave StartFrame null" : null,
            plan.StartFrame is null && can.StartFrame == StartFrameUse.Required ? "it makes a picture move: give one as StartFrame" : null,
        ];
        return all.OfType<string>();
    }

    private static string? Prompt(string prompt, VideoCapabilities can)
    {
        if (string.IsNullOrWhiteSpace(prompt))
            return "the prompt is empty";
        if (can.MaxPromptCharacters is { } most && prompt.Length > most)
            return $"the prompt has {prompt.Length} characters, at most {most} are read: shorten it";
        var words = prompt.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries).Length;
        return can.MaxPromptTokens is { } tokens && words > tokens ? $"the prompt has {words} words, more than the {tokens} tokens that are read: shorten it" : null;
    }

    private static string? Size(VideoPlan plan, VideoCapabilities can)
    {
        if (plan.Width is null != plan.Height is null)
            return "give width and height, or neither";
        if (plan.Size is not { } size)
            return null;
        if (can.Sizes.Count > 0)
            return can.Sizes.Contains(size) ? null : Nearest(size.ToString(), can.Sizes.OrderBy(offer => Distance(offer, size)).Take(2).Select(offer => offer.ToString()));
        var step = can.SizeMultiple;
        int Fit(int length) => Math.Max(step, (length + step / 2) / step * step);
        var fits = size is { Width: > 0, Height: > 0 } && size.Width % step == 0 && size.Height % step == 0;
        return fits ? null : Nearest(size.ToString(), [new VideoSize(Fit(size.Width), Fit(size.Height)).ToString()]) + $" (multiples of {step})";
    }

    /// <summary>How much larger or smaller, by ratio: a portrait size is far from a landscape one.</summary>
    private static double Distance(VideoSize a, VideoSize b) =>
        Math.Abs(Math.Log((double)a.Width / Math.Max(1, b.Width))) + Math.Abs(Math.Log((double)a.Height / Math.Max(1, b.Height)));

    private static string? OneOf(string unit, double value, IReadOnlyList<double> offers) => value > 0 && (offers.Count == 0 || offers.Any(offer => Math.Abs(offer - value) <= NearlyEqual * offer))
        ? null
        : offers.Count == 0 ? $"expected {unit} above 0, found {Text(value)}" : Nearest($"{Text(value)} {unit}", offers.OrderBy(offer => Math.Abs(offer - value)).Take(2).Select(Text));

    private static string Nearest(string found, IEnumerable<string> offers) => $"{found} is not on offer, the nearest: {string.Join(" or ", offers)}";

    private static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}

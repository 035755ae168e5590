using System.Globalization;
using Vpo.Reporting;

namespace Vpo.Mining;

/// <summary>Why a pair was made: the judge's critique of the rejected prompt, or the answers in which the clips differ.</summary>
internal sealed class PairReasons(PairSources sources, Func<string, string, byte[]?>? clip)
{
    private const int LongestCritique = 600, MostAnswers = 12;

    private readonly Dictionary<(string, string), VerdictRecord> _verdicts = sources.Verdicts.GroupBy(v => (v.Verdict.Query, v.Verdict.Prompt)).ToDictionary(g => g.Key, g => g.First());
    private readonly Dictionary<(string, string), VideoScore> _scores = sources.Groups.SelectMany(g => g).GroupBy(s => (s.Query, s.Prompt)).ToDictionary(g => g.Key, g => g.First().Score);

    public string Why(PreferencePair pair)
    {
        if (pair.Source == FeedbackSource.Text)
            return _verdicts.TryGetValue((pair.Query, pair.Rejected), out var verdict) && verdict.Verdict.Critique is { Length: > 0 } critique ? $"{pair.Reason}: {Cut(critique)}" : pair.Reason;
        if (!_scores.TryGetValue((pair.Query, pair.Chosen), out var high) || !_scores.TryGetValue((pair.Query, pair.Rejected), out var low))
            return pair.Reason;
        return string.Join("; ", new[] { pair.Reason, Dimensions(high, low), Answers("yes only for the chosen", high, low), Answers("yes only for the rejected", low, high) }.Where(s => s.Length > 0));
    }

    public ReportClip Shown(PreferencePair pair, string prompt, string side) => new(
        side,
        prompt,
        pair.Source == FeedbackSource.Video && _scores.TryGetValue((pair.Query, prompt), out var score) ? ResultTables.Number(score.Score) : "",
        pair.Source == FeedbackSource.Video ? clip?.Invoke(pair.Query, prompt) : null);

    private static string Dimensions(VideoScore high, VideoScore low)
    {
        var differ = high.Dimensions.Where(d => low.Dimensions.TryGetValue(d.Key, out var other) && Math.Abs(d.Value - other) > 1e-9)
            .Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Key} {d.Value - low.Dimensions[d.Key]:+0.##;-0.##}")).ToList();
        return differ.Count == 0 ? "" : $"by dimension: {string.Join(", ", differ)}";
    }

    private static string Answers(string title, VideoScore yes, VideoScore no)
    {
        if (yes.Answers.Count != no.Answers.Count)
            return "";
        var names = yes.Answers.Zip(no.Answers).Where(p => p.First.Answer == Answer.Yes && p.Second.Answer != Answer.Yes).Select(p => Name(p.First)).ToList();
        return names.Count == 0 ? "" : $"{title}: {string.Join(", ", names.Take(MostAnswers))}{(names.Count > MostAnswers ? $" and {names.Count - MostAnswers} more" : "")}";
    }

    private static string Name(ChecklistAnswer answer) => answer.SubDimension is { } narrower ? $"{answer.Question} ({narrower})" : answer.Question;

    private static string Cut(string text) => text.Length <= LongestCritique ? text : text[..LongestCritique] + " ...";
}

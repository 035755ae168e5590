using System.Text.RegularExpressions;

namespace Vpo.Rewards.Remote;

/// <summary>Reads numbered answers: "1. yes", "2) No", "\"3\": \"yes\"", one a line or in JSON.</summary>
internal static partial class NumberedAnswers
{
    /// <summary>The answers to questions 1 to <paramref name="count"/>; unknown where none is given, or two that differ.</summary>
    public static Answer[] Read(string reply, int count)
    {
        var answers = new Answer[count];
        var contradicted = new HashSet<int>();
        foreach (Match match in Line().Matches(reply))
        {
            if (!int.TryParse(match.Groups["number"].ValueSpan, out var number) || number < 1 || number > count)
                continue;
            var answer = match.Groups["answer"].Value.Equals("yes", StringComparison.OrdinalIgnoreCase) ? Answer.Yes : Answer.No;
            if (answers[number - 1] is not Answer.Unknown && answers[number - 1] != answer)
                contradicted.Add(number - 1);
            answers[number - 1] = answer;
        }
        foreach (var i in contradicted)
            answers[i] = Answer.Unknown;
        return answers;
    }

    [GeneratedRegex("""(?<![\w.])(?<number>\d{1,3})["'*]*\s*[.):=\-–]["'*\s]*(?<answer>yes|no)\b""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}

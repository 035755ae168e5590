using Vpo.Statistics;

namespace Vpo.Comparisons;

/// <summary>Outcomes of one method against another.</summary>
/// <param name="First">The method whose wins are counted.</param>
/// <param name="Second">The other.</param>
/// <param name="Annotator">Whose votes; null for everybody's.</param>
/// <param name="Votes">Wins, ties and losses over these votes.</param>
/// <param name="Win">Share of wins. Of one person: Wilson's interval. Of several: resampled by pair, since their votes on one pair are not independent; n counts pairs.</param>
/// <param name="Net">Wins minus losses, of all: the paper's gap. Its interval is resampled by pair; n counts pairs.</param>
public sealed record MatchResult(string First, string Second, string? Annotator, WinRate Votes, Estimate Win, Estimate Net);

/// <summary>How far two people agree on the pairs that both saw.</summary>
/// <param name="First">One.</param>
/// <param name="Second">The other.</param>
/// <param name="Share">Share of pairs with the same choice, with Wilson's interval.</param>
/// <param name="Kappa">Cohen's kappa over win, tie and loss; not a number when both always chose the same.</param>
public sealed record AnnotatorAgreement(string First, string Second, Estimate Share, Estimate Kappa);

/// <summary>What votes say.</summary>
public sealed record ComparisonResult
{
    /// <summary>For each two methods everybody's row, then each person's where there are several.</summary>
    public required IReadOnlyList<MatchResult> Matches { get; init; }

    /// <summary>For each two people who share a pair.</summary>
    public required IReadOnlyList<AnnotatorAgreement> Agreement { get; init; }

    /// <summary>Fleiss' kappa over the pairs that everybody saw; null with fewer than two people or no such pair.</summary>
    public double? Fleiss { get; init; }

    /// <summary>How many pairs everybody saw.</summary>
    public int SharedPairs { get; init; }

    /// <summary>Among votes that are not ties the share of "left": far from a half, people answer by place.</summary>
    public Estimate? LeftShare { get; init; }

    /// <summary>Counts votes.</summary>
    /// <param name="votes">Any number.</param>
    /// <param name="resampling">For the intervals that are resampled.</param>
    public static ComparisonResult Of(IReadOnlyList<Vote> votes, BootstrapOptions? resampling = null)
    {
        ArgumentNullException.ThrowIfNull(votes);
        string[] people = [.. votes.Select(v => v.Annotator).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
        var byPair = votes.GroupBy(v => v.Pair).ToDictionary(g => g.Key, g => g.ToDictionary(v => v.Annotator, v => v.Verdict(), StringComparer.OrdinalIgnoreCase));
        var shared = byPair.Values.Where(p => p.Count == people.Length).ToList();
        var (left, right) = (votes.Count(v => v.Choice == Choice.Left), votes.Count(v => v.Choice == Choice.Right));
        return new()
        {
            Matches = [.. votes.GroupBy(v => (v.First, v.Second)).SelectMany(m => Rows(m.Key, [.. m], people, resampling))],
            Agreement = [.. people.SelectMany((a, i) => people.Skip(i + 1).Select(b => Agree(a, b, byPair.Values))).OfType<AnnotatorAgreement>()],
            Fleiss = people.Length > 1 && shared.Count > 0 ? Kappa.Fleiss(Kappa.Counts(shared.Select(p => p.Values.Select(Category)), 3)) : null,
            SharedPairs = shared.Count,
            LeftShare = left + right > 0 ? Proportion.Wilson(left, left + right) : null,
        };
    }

    private static IEnumerable<MatchResult> Rows((string First, string Second) match, IReadOnlyList<Vote> votes, string[] people, BootstrapOptions? resampling)
    {
        var voters = people.Where(p => votes.Any(v => Is(v, p))).ToList();
        yield return Row(match, voters.Count == 1 ? voters[0] : null, votes, resampling);
        foreach (var person in voters.Count > 1 ? voters : [])
            yield return Row(match, person, [.. votes.Where(v => Is(v, person))], resampling);
    }

    private static bool Is(Vote vote, string person) => vote.Annotator.Equals(person, StringComparison.OrdinalIgnoreCase);

    private static MatchResult Row((string First, string Second) match, string? person, IReadOnlyList<Vote> votes, BootstrapOptions? resampling)
    {
        var rate = WinRate.Of(votes.Select(v => v.Verdict()));
        var pairs = votes.GroupBy(v => v.Pair).ToList();
        var win = person is not null ? rate.Interval() : Bootstrap.Mean([.. pairs.Select(p => p.Average(v => v.Verdict() > 0 ? 1.0 : 0))], resampling) with { Value = rate.Share };
        var net = Bootstrap.Mean([.. pairs.Select(p => p.Average(v => (double)v.Verdict()))], resampling) with { Value = rate.Net };
        return new(match.First, match.Second, person, rate, win, net);
    }

    private static AnnotatorAgreement? Agree(string first, string second, IEnumerable<Dictionary<string, int>> pairs)
    {
        var both = pairs.Where(p => p.ContainsKey(first) && p.ContainsKey(second)).Select(p => (Category(p[first]), Category(p[second]))).ToList();
        return both.Count == 0 ? null : new(
            first, second, Proportion.Wilson(both.Count(b => b.Item1 == b.Item2), both.Count), Kappa.Cohen(Kappa.Table([.. both.Select(b => b.Item1)], [.. both.Select(b => b.Item2)], 3)));
    }

    private static int Category(int verdict) => verdict + 1;
}

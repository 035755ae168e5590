using CsCheck;
using Vpo.Comparisons;
using Vpo.Statistics;

namespace Vpo.Tests.Comparisons;

public sealed class ComparisonResultTests
{
    private static Vote Of(string who, int pair, int verdict, bool swapped = false) => new()
    {
        Id = Vote.IdOf(who, $"{pair}"),
        Pair = $"{pair}",
        Query = $"q{pair}",
        Annotator = who,
        First = "vpo",
        Second = "original",
        Swapped = swapped,
        Choice = verdict == 0 ? Choice.Tie : verdict > 0 == swapped ? Choice.Right : Choice.Left,
    };

    [Fact]
    public void Verdict_WhereverTheSidesStood_IsTheFirstSides() =>
        Gen.Select(Gen.Int[-1, 1], Gen.Bool).Sample((verdict, swapped) => Of("a", 1, verdict, swapped).Verdict() == verdict);

    [Fact]
    public void Of_OnePerson_GivesWilsonsIntervalAndTheNetGap()
    {
        int[] verdicts = [.. Enumerable.Repeat(1, 31), .. Enumerable.Repeat(0, 9), .. Enumerable.Repeat(-1, 20)];
        var match = Assert.Single(ComparisonResult.Of([.. verdicts.Select((v, i) => Of("a", i, v, i % 2 == 0))]).Matches);
        Assert.Equal(new WinRate(31, 9, 20), match.Votes);
        Assert.Equal(Proportion.Wilson(31, 60), match.Win);
        Assert.Equal(match.Votes.NetInterval(), match.Net);
        Assert.Equal("a", match.Annotator);
    }

    [Fact]
    public void Of_SeveralWhoAgree_IsNoMoreCertainThanOne()
    {
        int[] verdicts = [.. Enumerable.Repeat(1, 20), .. Enumerable.Repeat(-1, 10)];
        List<Vote> one = [.. verdicts.Select((v, i) => Of("a", i, v))];
        var several = ComparisonResult.Of([.. one, .. verdicts.Select((v, i) => Of("b", i, v)), .. verdicts.Select((v, i) => Of("c", i, v))]);
        Assert.Equal(ComparisonResult.Of(one).Matches[0].Net, several.Matches[0].Net);
        Assert.Equal(4, several.Matches.Count);
        Assert.Equal(3, several.Agreement.Count);
        Assert.All(several.Agreement, a => Assert.Equal(1, a.Kappa.Value, 12));
        Assert.Equal(1, several.Fleiss!.Value, 12);
    }

    [Fact]
    public void Of_TwoWhoShareSomePairs_AgreeOnThoseAlone()
    {
        var result = ComparisonResult.Of([Of("a", 1, 1), Of("a", 2, -1), Of("a", 3, 0), Of("b", 2, -1), Of("b", 3, 1), Of("b", 4, 1)]);
        var agreement = Assert.Single(result.Agreement);
        Assert.Equal(0.5, agreement.Share.Value);
        Assert.Equal(2, agreement.Share.Count);
        Assert.Equal(2, result.SharedPairs);
        Assert.NotEmpty(ComparisonTable.Remarks(result));
        Assert.All(result.Matches, m => Assert.Equal(ComparisonTable.Headers.Count, ComparisonTable.Cells(m).Count));
        Assert.Equal(ComparisonTable.AgreementHeaders.Count, ComparisonTable.AgreementCells(agreement).Count);
    }

    [Fact]
    public void Of_NoVotes_IsEmpty() => Assert.Empty(ComparisonResult.Of([]).Matches);
}

using System.Globalization;
using Vpo.Statistics;

namespace Vpo.Comparisons;

/// <summary>The tables that the command line and reports print of a <see cref="ComparisonResult"/>.</summary>
public static class ComparisonTable
{
    /// <summary>Columns of <see cref="Cells"/>.</summary>
    public static IReadOnlyList<string> Headers { get; } = ["comparison", "by", "votes", "win", "tie", "lose", "win 95 %", "net gap", "net 95 %", "n"];

    /// <summary>A row: shares in percent; net gap in points as the paper reports it; n counts pairs of clips.</summary>
    public static IReadOnlyList<string> Cells(MatchResult match)
    {
        ArgumentNullException.ThrowIfNull(match);
        double Share(int count) => (double)count / match.Votes.Count;
        return
        [
            $"{match.First} − {match.Second}", match.Annotator ?? "all", Whole(match.Votes.Count),
            Percent(Share(match.Votes.Wins)), Percent(Share(match.Votes.Ties)), Percent(Share(match.Votes.Losses)), Range(match.Win, "0.0"),
            Signed(match.Net.Value), Range(match.Net, "+0.0;-0.0;0.0"), Whole(match.Net.Count),
        ];
    }

    /// <summary>Columns of <see cref="AgreementCells"/>.</summary>
    public static IReadOnlyList<string> AgreementHeaders { get; } = ["people", "same choice", "95 %", "Cohen's kappa", "95 %", "n"];

    /// <summary>A row of agreement.</summary>
    public static IReadOnlyList<string> AgreementCells(AnnotatorAgreement agreement)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        var known = double.IsFinite(agreement.Kappa.Value);
        return
        [
            $"{agreement.First}, {agreement.Second}", Percent(agreement.Share.Value), Range(agreement.Share, "0.0"),
            known ? agreement.Kappa.Value.ToString("0.00", CultureInfo.InvariantCulture) : "-",
            known ? string.Create(CultureInfo.InvariantCulture, $"{agreement.Kappa.Low:0.00} to {agreement.Kappa.High:0.00}") : "-", Whole(agreement.Share.Count),
        ];
    }

    /// <summary>One or two sentences on everybody's agreement and on answers by place; empty without votes.</summary>
    public static string Remarks(ComparisonResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        List<string> said = [];
        if (result.Fleiss is { } fleiss)
            said.Add(string.Create(CultureInfo.InvariantCulture, $"Fleiss' kappa of everybody {(double.IsFinite(fleiss) ? fleiss.ToString("0.00", CultureInfo.InvariantCulture) : "not defined")} (n = {result.SharedPairs} pairs that all saw)."));
        if (result.LeftShare is { } left)
            said.Add(string.Create(CultureInfo.InvariantCulture, $"Left was chosen in {Percent(left.Value)} of the votes that are no ties (95 % {Range(left, "0.0")}, n = {left.Count}){(left.Low > 0.5 || left.High < 0.5 ? ": people answer by place, beyond chance" : "")}."));
        return string.Join(' ', said);
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Signed(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Range(Estimate estimate, string format) =>
        $"{(100 * estimate.Low).ToString(format, CultureInfo.InvariantCulture)} to {(100 * estimate.High).ToString(format, CultureInfo.InvariantCulture)}";

    private static string Whole(int count) => count.ToString(CultureInfo.InvariantCulture);
}

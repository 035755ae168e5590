using System.Globalization;
using System.Text.Json;
using Vpo.Statistics;

namespace Vpo.Core.Tests.Statistics;

/// <summary>Compares a field of case.json, an object by its members, with what the library gives.</summary>
internal static class Expect
{
    public static bool Fields(GoldenCase golden, string field, JsonElement expected, Func<string, double> actual)
    {
        foreach (var member in expected.EnumerateObject())
            golden.AssertClose(field + "." + member.Name, member.Value.GetDouble(), actual(member.Name));
        return true;
    }

    public static bool List(GoldenCase golden, string field, JsonElement expected, IEnumerable<double> actual)
    {
        double[] values = [.. actual];
        Assert.Equal(expected.GetArrayLength(), values.Length);
        foreach (var (e, a) in expected.EnumerateArray().Zip(values))
            golden.AssertClose(field, e.ValueKind == JsonValueKind.Null ? double.NaN : e.GetDouble(), a);
        return true;
    }

    public static bool Number(GoldenCase golden, string field, JsonElement expected, double actual)
    {
        golden.AssertClose(field, expected.GetDouble(), actual);
        return true;
    }

    public static double Unplanned(string name) => throw new InvalidOperationException($"nobody planned '{name}'");

    public static double[] Doubles(GoldenCase golden, string tensor) => golden.Tensor(tensor).cpu().data<double>().ToArray();

    public static int[] Ints(GoldenCase golden, string tensor) => [.. golden.Tensor(tensor).cpu().data<long>().ToArray().Select(v => (int)v)];

    public static double[][] Rows(GoldenCase golden, string tensor) =>
        [.. Doubles(golden, tensor).Chunk((int)golden.Tensor(tensor).shape[1])];

    public static int[,] Square(GoldenCase golden, string tensor)
    {
        var n = (int)golden.Tensor(tensor).shape[0];
        var table = new int[n, n];
        Buffer.BlockCopy(Ints(golden, tensor), 0, table, 0, n * n * sizeof(int));
        return table;
    }
}

internal static class PairsChecks
{
    public static bool Check(GoldenCase golden, string field, JsonElement expected)
    {
        var (margins, labels) = (Expect.Doubles(golden, "in.margin"), Expect.Ints(golden, "in.label"));
        var counts = TieCalibration.Count(margins, labels);
        var best = TieCalibration.Calibrate(margins, labels);
        switch (field)
        {
            case "calibrated":
                return Expect.Fields(golden, field, expected, m => m switch { "tau" => best.Accuracy, "epsilon" => best.Threshold, "tau_at_zero" => best.AccuracyAtZero, _ => Expect.Unplanned(m) });
            case "counts_at_zero":
                return Expect.Fields(golden, field, expected, m => m switch
                {
                    "concordant" => counts.Concordant,
                    "discordant" => counts.Discordant,
                    "both_tied" => counts.BothTied,
                    "label_tie_only" => counts.LabelTieOnly,
                    "score_tie_only" => counts.ScoreTieOnly,
                    _ => Expect.Unplanned(m),
                });
            case "diff":
                return Expect.Number(golden, field, expected, counts.AccuracyWithoutTies);
            case "label_ties":
                return Expect.Number(golden, field, expected, labels.Count(l => l == 0));
            case "curve":
                return expected.EnumerateArray().All(p => Expect.Number(golden, field, p[1], TieCalibration.Count(margins, labels, p[0].GetDouble()).Accuracy));
            default:
                return false;
        }
    }
}

internal static class GroupedChecks
{
    public static bool Check(GoldenCase golden, string field, JsonElement expected)
    {
        double[] human = Expect.Doubles(golden, "in.human"), metric = Expect.Doubles(golden, "in.metric");
        var groups = Expect.Rows(golden, "in.metric").Zip(Expect.Rows(golden, "in.human")).ToList();
        return field switch
        {
            "pooled_pairs" => Pooled(golden, field, expected, groups),
            "spearman" => Both(golden, field, expected, Correlation.Spearman(human, metric)),
            "pearson" => Both(golden, field, expected, Correlation.Pearson(human, metric)),
            "kendall_b" => Both(golden, field, expected, Correlation.KendallB(human, metric)),
            "kendall_c" => Both(golden, field, expected, Correlation.KendallC(human, metric)),
            "kendall_b_per_group" => Expect.List(golden, field, expected, groups.Select(g => Correlation.KendallB(g.First, g.Second).Value)),
            "spearman_per_group" => Expect.List(golden, field, expected, groups.Select(g => Correlation.Spearman(g.First, g.Second).Value)),
            _ => false,
        };
    }

    private static bool Both(GoldenCase golden, string field, JsonElement expected, CorrelationResult actual) =>
        Expect.Fields(golden, field, expected, m => m switch { "statistic" => actual.Value, "pvalue" => actual.PValue, _ => Expect.Unplanned(m) });

    private static bool Pooled(GoldenCase golden, string field, JsonElement expected, List<(double[] First, double[] Second)> groups)
    {
        var pairs = groups.SelectMany(g => from i in Enumerable.Range(0, g.First.Length)
                                           from j in Enumerable.Range(0, i)
                                           select (Margin: g.First[i] - g.First[j], Label: Math.Sign(g.Second[i] - g.Second[j]))).ToList();
        var best = TieCalibration.Calibrate([.. pairs.Select(p => p.Margin)], [.. pairs.Select(p => p.Label)]);
        return Expect.Fields(golden, field, expected, m => m switch { "tau" => best.Accuracy, "epsilon" => best.Threshold, "tau_at_zero" => best.AccuracyAtZero, _ => Expect.Unplanned(m) });
    }
}

internal static class KappaChecks
{
    private static int Categories(GoldenCase golden) => golden.Json.GetProperty("categories").GetInt32();

    public static int[,] Table(GoldenCase golden) => Kappa.Table(Expect.Ints(golden, "in.rater_1"), Expect.Ints(golden, "in.rater_2"), Categories(golden));

    public static int[][] Counts(GoldenCase golden) => Kappa.Counts(Expect.Ints(golden, "in.votes").Chunk((int)golden.Tensor("in.votes").shape[1]), Categories(golden));

    public static bool Check(GoldenCase golden, string field, JsonElement expected)
    {
        var (table, counts) = (Table(golden), Counts(golden));
        var cohen = Kappa.Cohen(table);
        return field switch
        {
            "categories" => true,
            "cohen" => Expect.Fields(golden, field, expected, m => m switch
            {
                "kappa" => cohen.Value,
                "std" => Kappa.CohenDeviation(table),
                "low_95" => cohen.Low,
                "high_95" => cohen.High,
                "linear" => Kappa.Cohen(table, KappaWeights.Linear).Value,
                "quadratic" => Kappa.Cohen(table, KappaWeights.Quadratic).Value,
                _ => Expect.Unplanned(m),
            }),
            "fleiss" => Expect.Fields(golden, field, expected, m => m switch { "fleiss" => Kappa.Fleiss(counts), "randolph" => Kappa.Randolph(counts), _ => Expect.Unplanned(m) }),
            "percent_agreement" => Expect.Number(golden, field, expected, Enumerable.Range(0, table.GetLength(0)).Sum(i => table[i, i]) / (double)cohen.Count),
            _ => false,
        };
    }
}

internal static class BradleyTerryChecks
{
    public static BradleyTerry Fit(GoldenCase golden) =>
        BradleyTerry.Fit(Expect.Square(golden, "in.wins"), golden.Has("in.ties") ? Expect.Square(golden, "in.ties") : null);

    public static bool Check(GoldenCase golden, string field, JsonElement expected) => field switch
    {
        "elo" => Expect.List(golden, field, expected, Fit(golden).Elo),
        "nll" => Expect.Number(golden, field, expected, Fit(golden).NegativeLogLikelihood),
        _ => false,
    };
}

internal static class WinRateChecks
{
    public static double[] Resampled(GoldenCase golden, Func<int, double> value) => Bootstrap.Means(
        [.. Expect.Ints(golden, "in.verdict").Select(value)],
        Expect.Ints(golden, "in.bootstrap_index").Chunk((int)golden.Tensor("in.bootstrap_index").shape[1]));

    public static bool Check(GoldenCase golden, string field, JsonElement expected)
    {
        var rate = WinRate.Of(Expect.Ints(golden, "in.verdict"));
        return field switch
        {
            "wins" => Expect.Number(golden, field, expected, rate.Wins),
            "ties" => Expect.Number(golden, field, expected, rate.Ties),
            "losses" => Expect.Number(golden, field, expected, rate.Losses),
            "win_rate" => Expect.Number(golden, field, expected, rate.Share),
            "net_rate" => Expect.Number(golden, field, expected, rate.Net),
            "win_rate_without_ties" => Expect.Number(golden, field, expected, rate.ShareWithoutTies),
            "win_rate_half_ties" => Expect.Number(golden, field, expected, rate.ShareWithHalfTies),
            "wilson_win" => expected.EnumerateObject().All(c => Ends(golden, field, c.Value, rate.Interval(double.Parse(c.Name, CultureInfo.InvariantCulture)))),
            "wilson_win_without_ties" => Ends(golden, field, expected, rate.IntervalWithoutTies()),
            "wilson_small" => expected.EnumerateArray().All(c => Ends(golden, field, c.GetProperty("low_high_95"), Proportion.Wilson(c.GetProperty("k").GetInt32(), c.GetProperty("n").GetInt32()))),
            "quantiles" => Quantiles(golden, field, expected),
            "sign_test_two_sided" => Expect.Number(golden, field, expected, Proportion.SignTest(rate.Wins, rate.Losses)),
            "scipy_bootstrap_net_95" => Ends(golden, "random_bootstrap", expected, rate.NetInterval()),
            _ => false,
        };
    }

    private static bool Ends(GoldenCase golden, string field, JsonElement expected, Estimate actual) =>
        Expect.List(golden, field, expected, [actual.Low, actual.High]);

    private static bool Quantiles(GoldenCase golden, string field, JsonElement expected)
    {
        double[] qs = [.. expected.GetProperty("q").EnumerateArray().Select(q => q.GetDouble())];
        foreach (var member in expected.EnumerateObject())
        {
            _ = member.Name switch
            {
                "q" or "method" => true,
                "net" => Expect.List(golden, field, member.Value, qs.Select(q => Quantile.Of(Resampled(golden, v => v), q))),
                "win" => Expect.List(golden, field, member.Value, qs.Select(q => Quantile.Of(Resampled(golden, v => v > 0 ? 1 : 0), q))),
                _ => Expect.Unplanned(member.Name) > 0,
            };
        }
        return true;
    }
}

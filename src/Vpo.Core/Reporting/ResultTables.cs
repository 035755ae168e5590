using System.Globalization;
using Vpo.Statistics;

namespace Vpo.Reporting;

/// <summary>The tables of results that reports and the command line print: every figure with an interval and n.</summary>
public static class ResultTables
{
    private static readonly string[] ShareNames = ["aligned", "unsafe", "imprecise", "refusal", "distinct"];

    /// <summary>What <see cref="Cells"/> are; "n" counts queries with a video reward, "prompts" those that the shares are of (runs, in a table over seeds).</summary>
    public static IReadOnlyList<string> Headers { get; } = ["method", "video reward", "95 %", "n", .. ShareNames, "prompts"];

    /// <summary>A method's row: the reward with its interval, shares in percent with theirs.</summary>
    public static IReadOnlyList<string> Cells(EvaluationRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var shares = new Dictionary<string, double> { ["aligned"] = row.Aligned, ["unsafe"] = row.Unsafe, ["imprecise"] = row.Imprecise, ["refusal"] = row.Refusal, ["distinct"] = row.Distinct };
        return
        [
            row.Method,
            row.VideoReward is { } r ? Number(r.Value) : "-",
            row.VideoReward is { } i ? Range(i) : "-",
            row.VideoReward is { } n ? Whole(n.Count) : "0",
            .. ShareNames.Select(s => row.ShareIntervals.TryGetValue(s, out var share) ? Share(share) : Percent(shares[s]) + " %"),
            row.ShareIntervals.TryGetValue("aligned", out var any) ? Whole(any.Count) : "-",
        ];
    }

    /// <summary>Such as "98.2 % (97–99)".</summary>
    internal static string Share(Estimate share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share.Value:0.0} % ({Math.Max(0, 100 * share.Low):0}–{Math.Min(100, 100 * share.High):0})");

    /// <summary>Such as "3.94 (3.87–4.02)".</summary>
    internal static string Mean(Estimate mean) => string.Create(CultureInfo.InvariantCulture, $"{mean.Value:0.00} ({mean.Low:0.00}–{mean.High:0.00})");

    /// <summary>Such as "+0.42 (+0.30 to +0.53)".</summary>
    internal static string Signed(Estimate difference) => string.Create(CultureInfo.InvariantCulture, $"{difference.Value:+0.00;-0.00} ({difference.Low:+0.00;-0.00} to {difference.High:+0.00;-0.00})");

    internal static string Range(Estimate estimate) => $"{Number(estimate.Low)} to {Number(estimate.High)}";

    internal static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    internal static string Whole(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}

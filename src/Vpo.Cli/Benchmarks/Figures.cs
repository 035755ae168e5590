using System.Globalization;
using Vpo.Statistics;

namespace Vpo.Cli.Benchmarks;

/// <summary>Figures in tables, the same in every culture; "-" for what is not there.</summary>
internal static class Figures
{
    public static string Whole(int count) => count.ToString(CultureInfo.InvariantCulture);

    public static string Raw(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";

    public static string Number(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "-";

    public static string Range(Estimate? of) => of is { } e ? string.Create(CultureInfo.InvariantCulture, $"{e.Low:0.0000} to {e.High:0.0000}") : "-";

    /// <summary>Such as "3.94 (3.87–4.02)".</summary>
    public static string Mean(Estimate? of) => of is { } e ? string.Create(CultureInfo.InvariantCulture, $"{e.Value:0.00} ({e.Low:0.00}–{e.High:0.00})") : "-";

    /// <summary>Such as "+0.42 (+0.30 to +0.53)".</summary>
    public static string Gain(Estimate? of) => of is { } e ? string.Create(CultureInfo.InvariantCulture, $"{e.Value:+0.00;-0.00} ({e.Low:+0.00;-0.00} to {e.High:+0.00;-0.00})") : "-";

    /// <summary>Such as "98.2 % (97.1–99.0)".</summary>
    public static string Share(Estimate? of) => of is { } e ? string.Create(CultureInfo.InvariantCulture, $"{100 * e.Value:0.0} % ({100 * e.Low:0.0}–{100 * e.High:0.0})") : "-";
}

using Vpo.Statistics;

namespace Vpo.Rewards.VBench;

/// <summary>One line of VBench's table.</summary>
/// <param name="Name">A dimension with spaces, or a score such as "total".</param>
/// <param name="Values">One a run: the figure as VBench computes it; null where the run has none.</param>
/// <param name="Intervals">One a run, from resampling prompts; null where the result files give no clips that explain the figure.</param>
/// <param name="Gains">For every run but the first: its mean minus the first run's over the prompts that both have; null where there is no interval.</param>
public sealed record VBenchLine(string Name, IReadOnlyList<double?> Values, IReadOnlyList<Estimate?> Intervals, IReadOnlyList<Estimate?> Gains);

/// <summary>VBench's figures of one or several runs, with intervals that VBench does not give: prompts are drawn again, for all dimensions that share them and all runs together, and the scores are computed from each draw.</summary>
public static class VBenchTable
{
    private sealed record Draws(double[] Plain, double[][] Resampled);

    /// <summary>Dimensions that any run has, in the edition's order, then the edition's scores.</summary>
    /// <param name="edition">VBench or VBench-2.0.</param>
    /// <param name="runs">Each run's results, <see cref="VBenchResults.ReadAll"/>; at least one.</param>
    /// <param name="resampling">How intervals are made.</param>
    public static IReadOnlyList<VBenchLine> Of(VBenchEdition edition, IReadOnlyList<IReadOnlyDictionary<string, VBenchResult>> runs, BootstrapOptions? resampling = null)
    {
        ArgumentNullException.ThrowIfNull(edition);
        ArgumentNullException.ThrowIfNull(runs);
        resampling ??= new();
        string[] names = [.. edition.Dimensions.Where(d => runs.Any(r => r.ContainsKey(d))), .. runs.SelectMany(r => r.Keys).Distinct().Where(n => !edition.Dimensions.Contains(n)).Order(StringComparer.Ordinal)];
        List<Dictionary<string, Dictionary<string, double>>> means = [.. runs.Select(r => r.ToDictionary(d => d.Key, d => new Dictionary<string, double>(d.Value.ByPrompt(), StringComparer.Ordinal), StringComparer.Ordinal))];
        List<VBenchLine> lines = [.. names.Select(n => Dimension(n, runs, means, resampling))];
        var totals = runs.Select(r => edition.Totals(r.ToDictionary(d => d.Key, d => d.Value.Value, StringComparer.Ordinal))).ToList();
        var draws = edition.Dimensions.All(d => means.All(m => m.GetValueOrDefault(d) is { Count: > 0 })) ? Draw(edition, means, resampling) : null;
        for (var t = 0; t < totals[0].Count; t++)
        {
            var at = t;
            double[][]? own = draws is null ? null : [.. draws.Select(run => run.Resampled.Select(d => d[at]).ToArray())];
            lines.Add(new(totals[0][t].Name, [.. totals.Select(x => (double?)x[at].Value)],
                [.. totals.Select((x, r) => own is null ? (Estimate?)null : Interval(x[at].Value, own[r], Prompts(means), resampling))],
                [.. Enumerable.Range(1, runs.Count - 1).Select(r => own is null ? (Estimate?)null
                    : Interval(draws![r].Plain[at] - draws[0].Plain[at], [.. own[r].Zip(own[0], (a, b) => a - b)], Prompts(means), resampling))]));
        }
        return lines;
    }

    private static VBenchLine Dimension(string name, IReadOnlyList<IReadOnlyDictionary<string, VBenchResult>> runs, List<Dictionary<string, Dictionary<string, double>>> means, BootstrapOptions resampling)
    {
        var own = means.Select(m => m.GetValueOrDefault(name) ?? []).ToList();
        return new(name, [.. runs.Select(r => r.TryGetValue(name, out var found) ? found.Value : (double?)null)],
            [.. own.Select((m, r) => m.Count == 0 ? (Estimate?)null : Bootstrap.Mean([.. m.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value)], resampling) with { Value = runs[r][name].Value })],
            [.. own.Skip(1).Select(m => own[0].Keys.Where(m.ContainsKey).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } shared
                ? Bootstrap.PairedDifference([.. shared.Select(p => own[0][p])], [.. shared.Select(p => m[p])], resampling) : (Estimate?)null)]);
    }

    // Dimensions with the same prompts are drawn together, and all runs with them: what makes a prompt hard makes it hard for all.
    private static List<Draws>? Draw(VBenchEdition edition, List<Dictionary<string, Dictionary<string, double>>> means, BootstrapOptions resampling)
    {
        var prompts = edition.Dimensions.ToDictionary(d => d, d => means[0][d].Keys.Where(p => means.All(m => m[d].ContainsKey(p))).Order(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);
        var suites = edition.Dimensions.GroupBy(d => string.Join('\n', prompts[d]), StringComparer.Ordinal).Select(g => g.ToList()).ToList();
        if (suites.Any(s => prompts[s[0]].Length == 0))
            return null;
        var values = means.Select(m => edition.Dimensions.ToDictionary(d => d, d => prompts[d].Select(p => m[d][p]).ToArray(), StringComparer.Ordinal)).ToList();
        var random = new Random(resampling.Seed);
        var resampled = means.Select(_ => new double[resampling.Resamples][]).ToList();
        for (var b = 0; b < resampling.Resamples; b++)
        {
            var drawn = suites.SelectMany(s => { int[] places = [.. prompts[s[0]].Select(_ => random.Next(prompts[s[0]].Length))]; return s.Select(d => (d, places)); }).ToList();
            for (var r = 0; r < means.Count; r++)
                resampled[r][b] = Scores(edition, drawn.ToDictionary(x => x.d, x => Mean(values[r][x.d], x.places), StringComparer.Ordinal));
        }
        return [.. means.Select((_, r) => new Draws(Scores(edition, values[r].ToDictionary(v => v.Key, v => v.Value.Average(), StringComparer.Ordinal)), resampled[r]))];
    }

    private static double[] Scores(VBenchEdition edition, Dictionary<string, double> raw) => [.. edition.Totals(raw).Select(t => t.Value)];

    private static double Mean(double[] values, int[] places)
    {
        var sum = 0.0;
        foreach (var place in places)
            sum += values[place];
        return sum / places.Length;
    }

    private static int Prompts(List<Dictionary<string, Dictionary<string, double>>> means) => means[0].Values.SelectMany(d => d.Keys).Distinct(StringComparer.Ordinal).Count();

    private static Estimate Interval(double value, double[] draws, int count, BootstrapOptions resampling)
    {
        var (low, high) = Bootstrap.Interval(draws, resampling.Confidence);
        return new(value, low, high, count);
    }
}

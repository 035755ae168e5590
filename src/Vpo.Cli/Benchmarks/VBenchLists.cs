using System.Globalization;
using Vpo.Rewards.VBench;

namespace Vpo.Cli.Benchmarks;

/// <summary>VBench's lists and result files as commands read and print them.</summary>
internal static class VBenchLists
{
    /// <summary>A list with its edition, narrowed to some dimensions.</summary>
    public static (VBenchEdition Edition, IReadOnlyList<VBenchPrompt> Prompts) Read(string path, string[] dimensions)
    {
        var prompts = OfFile(path, () => VBenchFiles.ReadPrompts(File.ReadAllBytes(path)));
        var known = prompts.SelectMany(p => p.Dimensions).Distinct(StringComparer.Ordinal).ToList();
        var edition = OfFile(path, () => VBenchEdition.Of(known));
        if (dimensions.FirstOrDefault(d => !known.Contains(d)) is { } stranger)
            throw new ArgumentException($"--dimension: '{stranger}' is not in '{path}', which has {string.Join(", ", known)}.");
        return (edition, dimensions.Length == 0 ? prompts
            : [.. prompts.Where(p => p.Dimensions.Any(dimensions.Contains)).Select(p => p with { Dimensions = [.. p.Dimensions.Where(dimensions.Contains)] })]);
    }

    /// <summary>The prompt to render by original; null where the originals are rendered.</summary>
    public static async Task<IReadOnlyDictionary<string, string>?> OptimizedAsync(string? optimized, (string? Originals, string? Rewrites) files, CancellationToken cancellationToken)
    {
        if (files.Originals is null != files.Rewrites is null)
            throw new ArgumentException("--originals and --rewrites go together: two text files of the same number of lines.");
        if (optimized is not null && files.Rewrites is not null)
            throw new ArgumentException("give --optimized or --rewrites, not both.");
        return optimized is not null ? await MadePrompts.ByQueryAsync(optimized, cancellationToken)
            : files.Rewrites is not null ? VBenchPlan.Rewrites(File.ReadLines(files.Originals!), File.ReadLines(files.Rewrites))
            : null;
    }

    /// <exception cref="InvalidDataException">There is no result.</exception>
    private static IReadOnlyDictionary<string, VBenchResult> Results(string path) => VBenchResults.ReadAll(path) is { Count: > 0 } found ? found
        : throw new InvalidDataException($"'{path}' holds no results: expected files such as name_eval_results.json, {{ dimension: [value, ...] }}, as VBench writes them.");

    /// <summary>The table of several runs' results.</summary>
    public static BenchmarkTable Table(IReadOnlyList<Named> runs, int seed = 0)
    {
        var results = runs.Select(run => Results(run.Path)).ToList();
        var edition = VBenchEdition.Of(results.SelectMany(r => r.Keys));
        var lines = VBenchTable.Of(edition, results, new() { Seed = seed });
        string[] names = [.. runs.Select(n => n.Name)];
        return new(edition.Name, Headers(edition, names), [.. lines.Select(l => Cells(edition, l, results))], [.. Remarks(edition, names, results, lines)]);
    }

    private static IReadOnlyList<string> Headers(VBenchEdition edition, IReadOnlyList<string> names) =>
        [edition.Name, .. names.SelectMany(n => new[] { n, "95 %", "n" }), .. names.Skip(1).Select(n => $"{n} − {names[0]} (95 %)")];

    /// <summary>Dimensions raw from 0 to 1, as result files have them; scores in percent, as VBench's tables do.</summary>
    /// <param name="edition">VBench or VBench-2.0.</param>
    /// <param name="line">The line.</param>
    /// <param name="runs">Each run's results: a score that lacks dimensions has a star.</param>
    private static IReadOnlyList<string> Cells(VBenchEdition edition, VBenchLine line, IReadOnlyList<IReadOnlyDictionary<string, VBenchResult>> runs)
    {
        var percent = !edition.Dimensions.Contains(line.Name) && edition.Totals(new Dictionary<string, double>()).Any(t => t.Name == line.Name) ? 100 : 1;
        string Number(double value) => value.ToString(percent == 100 ? "0.00" : "0.0000", CultureInfo.InvariantCulture);
        string Signed(double value) => value.ToString(percent == 100 ? "+0.00;-0.00" : "+0.0000;-0.0000", CultureInfo.InvariantCulture);
        return
        [
            percent == 100 ? $"{line.Name}, %" : line.Name,
            .. line.Values.Zip(line.Intervals, runs).SelectMany(v => new[]
            {
                v.First is { } value ? Number(percent * value) + (IsPartial(edition, line.Name, v.Third) ? " *" : "") : "-",
                v.Second is { } i ? $"{Number(percent * i.Low)} to {Number(percent * i.High)}" : "-",
                v.Second is { } n ? Figures.Whole(n.Count) : "-",
            }),
            .. line.Gains.Select(g => g is { } gain ? $"{Signed(percent * gain.Value)} ({Signed(percent * gain.Low)} to {Signed(percent * gain.High)})" : "-"),
        ];
    }

    /// <summary>Whether a dimension is missing on which the score depends.</summary>
    private static bool IsPartial(VBenchEdition edition, string name, IReadOnlyDictionary<string, VBenchResult> run)
    {
        double Of(params string[] ones) => edition.Totals(ones.ToDictionary(d => d, _ => 1.0, StringComparer.Ordinal)).FirstOrDefault(t => t.Name == name).Value;
        return edition.Dimensions.Any(d => !run.ContainsKey(d) && Of(d) != Of());
    }

    /// <summary>What a reader must know before comparing.</summary>
    private static IEnumerable<string> Remarks(VBenchEdition edition, IReadOnlyList<string> names, IReadOnlyList<IReadOnlyDictionary<string, VBenchResult>> runs, IReadOnlyList<VBenchLine> lines)
    {
        foreach (var (name, run) in names.Zip(runs))
        {
            var missing = edition.Dimensions.Where(d => !run.ContainsKey(d)).ToList();
            if (missing.Count > 0)
                yield return $"* {name}: {missing.Count} of {edition.Dimensions.Count} dimensions are missing and count as a raw 0, as in VBench's own script, so scores with a star are not comparable with full ones: {string.Join(", ", missing)}.";
            foreach (var (dimension, result) in run.Where(r => r.Value.Value > 1))
                yield return string.Create(CultureInfo.InvariantCulture, $"{name}: {dimension} is {result.Value}, expected 0 to 1. Older versions of VBench wrote imaging quality from 0 to 100: divide it by 100.");
        }
        yield return lines.All(l => l.Intervals.All(i => i is null)) ? "No intervals: the files hold no results of single clips."
            : "95 % intervals from resampling prompts (n), dimensions of the same prompts and all runs together; '-' where the clips in the files do not add up to the figure."
            + (runs.Count > 1 ? " Differences are over the prompts that both have." : "");
    }

    private static T OfFile<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}': {e.Message}", e);
        }
    }
}

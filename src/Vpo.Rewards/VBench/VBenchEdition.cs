namespace Vpo.Rewards.VBench;

/// <summary>VBench or VBench-2.0: which dimensions there are and how they become the printed scores.</summary>
/// <param name="Name">"VBench" or "VBench-2.0".</param>
/// <param name="Dimensions">Names with spaces, as the final script prints them.</param>
/// <param name="Totals">From raw values by dimension to the scores of groups and, last, the total. A dimension that is not there is a raw 0, as in both scripts.</param>
public sealed record VBenchEdition(string Name, IReadOnlyList<string> Dimensions, Func<IReadOnlyDictionary<string, double>, IReadOnlyList<(string Name, double Value)>> Totals)
{
    // VBench-2.0's groups (Vchitect/VBench 74a2bb1, VBench-2.0/scripts/constant.py).
    private static readonly (string Name, string[] Dimensions)[] Groups =
    [
        ("creativity", ["Composition", "Diversity"]),
        ("commonsense", ["Instance Preservation", "Motion Rationality"]),
        ("controllability", ["Camera Motion", "Complex Landscape", "Complex Plot", "Dynamic Attribute", "Dynamic Spatial Relationship", "Human Interaction", "Motion Order Understanding"]),
        ("human fidelity", ["Human Anatomy", "Human Clothes", "Human Identity"]),
        ("physics", ["Material", "Mechanics", "Multi-View Consistency", "Thermotics"]),
    ];

    /// <summary>VBench: see <see cref="VBenchScore"/>.</summary>
    public static VBenchEdition First { get; } = new("VBench", [.. VBenchScore.Dimensions.Select(d => d.Name)], raw =>
    {
        var score = new VBenchScore(raw);
        return [("quality", score.Quality), ("semantic", score.Semantic), ("total", score.Total)];
    });

    /// <summary>VBench-2.0: eighteen dimensions, the mean of each of five groups, and the mean of these.</summary>
    public static VBenchEdition Second { get; } = new("VBench-2.0", [.. Groups.SelectMany(g => g.Dimensions)], raw =>
    {
        List<(string Name, double Value)> groups = [.. Groups.Select(g => (g.Name, g.Dimensions.Average(raw.GetValueOrDefault)))];
        return [.. groups, ("total", groups.Average(g => g.Value))];
    });

    /// <summary>The edition that knows these names.</summary>
    /// <param name="dimensions">Names with spaces or underscores; names ending in <see cref="VBenchVisionJudge.Suffix"/> belong to either.</param>
    /// <exception cref="InvalidDataException">A name is in neither edition, or there are names of both.</exception>
    public static VBenchEdition Of(IEnumerable<string> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        string[] names = [.. dimensions.Where(d => !d.EndsWith(VBenchVisionJudge.Suffix, StringComparison.Ordinal)).Select(d => d.Replace('_', ' ')).Distinct()];
        return names.All(First.Dimensions.Contains) ? First
            : names.All(Second.Dimensions.Contains) ? Second
            : names.FirstOrDefault(n => !First.Dimensions.Contains(n) && !Second.Dimensions.Contains(n)) is { } stranger
            ? throw new InvalidDataException($"'{stranger}' is no dimension of VBench ({string.Join(", ", First.Dimensions)}) or VBench-2.0 ({string.Join(", ", Second.Dimensions)})")
            : throw new InvalidDataException($"there are dimensions of VBench and of VBench-2.0 together ({string.Join(", ", names)}): keep them apart");
    }
}

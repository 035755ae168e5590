namespace Vpo.Rewards.VBench;

/// <summary>How VBench turns a dimension's raw value into its share of the score.</summary>
/// <param name="Name">As in VBench's tables, with spaces.</param>
/// <param name="Minimum">The raw value that becomes 0.</param>
/// <param name="Maximum">The raw value that becomes 1.</param>
/// <param name="Weight">Its part of the group's mean.</param>
/// <param name="Semantic">Whether it belongs to the semantic group, not to the quality group.</param>
public sealed record VBenchDimension(string Name, double Minimum, double Maximum, double Weight, bool Semantic);

/// <summary>VBench's final score by the arithmetic of its own script (Vchitect/VBench 45e79ec, scripts/cal_final_score.py): nothing is clipped, a missing dimension is a raw 0.</summary>
public sealed class VBenchScore
{
    private const double QualityWeight = 4, SemanticWeight = 1;

    /// <summary>The sixteen dimensions.</summary>
    public static IReadOnlyList<VBenchDimension> Dimensions { get; } =
    [
        new("subject consistency", 0.1462, 1, 1, false),
        new("background consistency", 0.2615, 1, 1, false),
        new("temporal flickering", 0.6293, 1, 1, false),
        new("motion smoothness", 0.706, 0.9975, 1, false),
        new("aesthetic quality", 0, 1, 1, false),
        new("imaging quality", 0, 1, 1, false),
        new("dynamic degree", 0, 1, 0.5, false),
        new("object class", 0, 1, 1, true),
        new("multiple objects", 0, 1, 1, true),
        new("human action", 0, 1, 1, true),
        new("color", 0, 1, 1, true),
        new("spatial relationship", 0, 1, 1, true),
        new("scene", 0, 0.8222, 1, true),
        new("appearance style", 0.0009, 0.2855, 1, true),
        new("temporal style", 0, 0.364, 1, true),
        new("overall consistency", 0, 0.364, 1, true),
    ];

    /// <param name="raw">Raw values by dimension name; names that VBench does not know are kept but do not count.</param>
    public VBenchScore(IReadOnlyDictionary<string, double> raw)
    {
        Missing = [.. Dimensions.Select(d => d.Name).Where(n => !raw.ContainsKey(n))];
        Raw = raw.Concat(Missing.Select(m => KeyValuePair.Create(m, 0.0))).ToDictionary(StringComparer.Ordinal);
        Normalized = Dimensions.ToDictionary(d => d.Name, d => (Raw[d.Name] - d.Minimum) / (d.Maximum - d.Minimum) * d.Weight, StringComparer.Ordinal);
        (Quality, Semantic) = (Group(false), Group(true));
        Total = (QualityWeight * Quality + SemanticWeight * Semantic) / (QualityWeight + SemanticWeight);
    }

    /// <summary>Dimensions without a value: the score is then not comparable with a full one.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Raw values, 0 for the missing.</summary>
    public IReadOnlyDictionary<string, double> Raw { get; }

    /// <summary>(raw − minimum)/(maximum − minimum) times the weight.</summary>
    public IReadOnlyDictionary<string, double> Normalized { get; }

    /// <summary>The weighted mean of the seven quality dimensions.</summary>
    public double Quality { get; }

    /// <summary>The mean of the nine semantic dimensions.</summary>
    public double Semantic { get; }

    /// <summary>(4·quality + semantic)/5.</summary>
    public double Total { get; }

    private double Group(bool semantic)
    {
        var group = Dimensions.Where(d => d.Semantic == semantic).ToList();
        return group.Sum(d => Normalized[d.Name]) / group.Sum(d => d.Weight);
    }
}
